# SPDX-License-Identifier: GPL-2.0-or-later
# Packages: scripts/package configures with NTSC_PACKAGE for /usr and /etc and calls cpack. What only
# a package may bring is installed here: a configuration file that an installation by hand would
# overwrite, and what the distribution wants to have in /usr/share/doc.
option(NTSC_PACKAGE "Install what a package needs" OFF)
set(NTSC_PACKAGER "ntsc maintainers <maintainers@ntsc.example>" CACHE STRING
  "Whom packages name as their maintainer")

install(FILES scripts/ntsc.conf DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
if(NTSC_PACKAGE)
  install(FILES scripts/ntsc.conf DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR})
  install(FILES README DESTINATION ${CMAKE_INSTALL_DOCDIR})
  install(FILES scripts/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
  install(FILES scripts/debian/lintian-overrides RENAME ntsc
    DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides)
  file(READ scripts/debian/changelog.in NTSC_CHANGELOG)
  string(REGEX REPLACE "^#[^\n]*\n" "" NTSC_CHANGELOG "${NTSC_CHANGELOG}") # a changelog has no comments
  string(CONFIGURE "${NTSC_CHANGELOG}" NTSC_CHANGELOG @ONLY)
  file(WRITE ${PROJECT_BINARY_DIR}/changelog "${NTSC_CHANGELOG}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS scripts/debian/changelog.in)
  file(WRITE ${PROJECT_BINARY_DIR}/conffiles "${CMAKE_INSTALL_FULL_SYSCONFDIR}/ntsc.conf\n")
  install(FILES ${PROJECT_BINARY_DIR}/changelog DESTINATION ${CMAKE_INSTALL_DOCDIR})
  # /etc lies outside the prefix.
  set(CPACK_SET_DESTDIR ON)
endif()

set(CPACK_PACKAGE_NAME ntsc)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT ${NTSC_PACKAGER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "minimal client for authenticated network time (NTS)")
set(CPACK_PACKAGE_DESCRIPTION "ntsc keeps a Linux machine's clock right by time that is authenticated
with Network Time Security (RFC 8915), from several servers together. It
is a client only: it serves nobody, listens on nothing and knows no
unauthenticated NTP.

Three small programs divide the work: only one may set the clock, and that
one sees no packet. As a command it measures the clock's error with a bound,
sets the clock once, or checks it for cron and monitoring.")
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/scripts/cmake/NtscCompress.cmake)
set(CPACK_OUTPUT_FILE_PREFIX ${PROJECT_BINARY_DIR}/packages)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
# One time daemon at a time: apt removes the one that was there.
set(CPACK_DEBIAN_PACKAGE_PROVIDES time-daemon)
set(CPACK_DEBIAN_PACKAGE_CONFLICTS time-daemon)
set(CPACK_DEBIAN_PACKAGE_REPLACES time-daemon)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/conffiles)
foreach(file postinst prerm postrm)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/scripts/debian/${file})
endforeach()
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
set(CPACK_RPM_PACKAGE_LICENSE GPL-2.0-or-later)
set(CPACK_RPM_PACKAGE_GROUP "System Environment/Daemons")
# One time daemon at a time.
set(CPACK_RPM_PACKAGE_CONFLICTS "chrony, ntp, ntpsec, ntpd-rs, openntpd")
# What the scripts call.
set(CPACK_RPM_PACKAGE_REQUIRES_POST systemd)
set(CPACK_RPM_PACKAGE_REQUIRES_PREUN systemd)
set(CPACK_RPM_PACKAGE_REQUIRES_POSTUN systemd)
# The same source gives the same package: by SOURCE_DATE_EPOCH, whatever machine it is.
set(CPACK_RPM_SPEC_MORE_DEFINE "%define use_source_date_epoch_as_buildtime 1
%define clamp_mtime_to_source_date_epoch 1
%define _buildhost localhost")
set(CPACK_RPM_POST_INSTALL_SCRIPT_FILE ${PROJECT_SOURCE_DIR}/scripts/rpm/post)
set(CPACK_RPM_PRE_UNINSTALL_SCRIPT_FILE ${PROJECT_SOURCE_DIR}/scripts/rpm/preun)
set(CPACK_RPM_POST_UNINSTALL_SCRIPT_FILE ${PROJECT_SOURCE_DIR}/scripts/rpm/postun)
set(CPACK_RPM_USER_FILELIST "%config(noreplace) ${CMAKE_INSTALL_FULL_SYSCONFDIR}/ntsc.conf")
# Directories that are the system's.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr/lib/systemd /usr/lib/systemd/system
  /usr/bin /usr/lib/systemd/ntp-units.d /usr/lib/sysusers.d /usr/lib/tmpfiles.d /usr/libexec /usr/share/man
  /usr/share/lintian /usr/share/lintian/overrides /usr/share/man/man8 /usr/share/man/man5 /usr/share/bash-completion
  /usr/share/bash-completion/completions /usr/share/zsh /usr/share/zsh/site-functions
  /usr/share/zsh/vendor-completions /usr/share/fish /usr/share/fish/vendor_completions.d)
include(CPack)
