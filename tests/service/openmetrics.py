# SPDX-License-Identifier: GPL-2.0-or-later
"""A strict reader of OpenMetrics text: the grammar and the rules of version 1.0 of the specification,
as far as gauges and counters go. Any other type, or a time stamp, is an error here."""
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
# "realnumber": no sign alone, no bare exponent; +Inf and NaN would be allowed, and say nothing.
NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)?\}})? ({NUMBER})")
DESCRIPTION = re.compile(rf"# (TYPE|UNIT|HELP) ({NAME}) (.*)")


class Wrong(Exception):
    pass


def check(condition, *words):
    if not condition:
        raise Wrong(" ".join(map(str, words)))


def describe(families, kind, name, rest):
    """One of the lines that begin a family: each once, before its samples, which stay together."""
    if not families or families[-1]["name"] != name:
        check(name not in [f["name"] for f in families], "not together:", name)
        families.append({"name": name, "samples": []})
    family = families[-1]
    check(kind not in family, "twice:", kind, name)
    check(not family["samples"], "behind its samples:", kind, name)
    family[kind] = rest
    if kind == "TYPE":
        check(rest in ("gauge", "counter"), "type", rest)
    if kind == "UNIT":
        check(name.endswith("_" + rest), "the name ends not with its unit:", name, rest)
    if kind == "HELP":
        check(re.fullmatch(r'(?:[^\\]|\\[\\n"])*', rest), "escapes:", rest)


def sample(families, line):
    found = SAMPLE.fullmatch(line)
    check(found, "no sample:", line)
    check(families, "before all families:", line)
    family, (name, labels, value) = families[-1], found.groups()
    check("TYPE" in family, "without a type:", name)
    counter = family["TYPE"] == "counter"
    check(name == family["name"] + ("_total" if counter else ""), "of another family:", line)
    check(not counter or float(value) >= 0, "a counter below 0:", line)
    pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or "")
    check(len(pairs) == len(dict(pairs)), "a label twice:", line)
    check(pairs not in [p for p, _ in family["samples"]], "twice:", line)
    family["samples"].append((pairs, float(value)))


def read(octets):
    """{name: family}, of the whole text as it would come over HTTP."""
    text = octets.decode()  # UTF-8, or an error
    check(text.endswith("# EOF\n"), "it ends not with # EOF")
    check("\r" not in text, "a carriage return")
    families = []
    for line in text[:-len("# EOF\n")].split("\n")[:-1]:
        description = DESCRIPTION.fullmatch(line)
        if description:
            describe(families, *description.groups())
        else:
            sample(families, line)
    names = [f["name"] + ("_total" if f["TYPE"] == "counter" else "") for f in families]
    check(len(names) == len(set(names)), "a name twice")
    return {f["name"]: f for f in families}
