# SPDX-License-Identifier: GPL-2.0-or-later
# Run by cpack before it packs: manual pages and the changelog are compressed, the same way each time;
# what lintian is to overlook is of Debian's package alone.
file(GLOB_RECURSE files "${CPACK_TEMPORARY_DIRECTORY}/*/share/man/*.[1-9]"
     "${CPACK_TEMPORARY_DIRECTORY}/*/share/doc/ntsc/changelog")
foreach(file IN LISTS files)
  execute_process(COMMAND gzip -9nf ${file} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
if(CPACK_GENERATOR STREQUAL RPM)
  file(GLOB_RECURSE files LIST_DIRECTORIES true "${CPACK_TEMPORARY_DIRECTORY}/*/share/lintian")
  foreach(file IN LISTS files)
    if(file MATCHES "/share/lintian$")
      file(REMOVE_RECURSE ${file})
    endif()
  endforeach()
endif()
