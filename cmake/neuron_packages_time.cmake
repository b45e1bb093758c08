# Run by cpack first. The time in the packages is SOURCE_DATE_EPOCH or, where nobody set it, that of
# the last commit; outside of a checkout that of the changelog, which an archive keeps.
if("$ENV{SOURCE_DATE_EPOCH}" STREQUAL "")
    execute_process(
        COMMAND git -c safe.directory=${CPACK_NEURON_SOURCE_DIR} log -1 --format=%ct
        WORKING_DIRECTORY ${CPACK_NEURON_SOURCE_DIR}
        OUTPUT_VARIABLE epoch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(failed OR NOT epoch MATCHES "^[0-9]+$")
        file(TIMESTAMP ${CPACK_NEURON_SOURCE_DIR}/CHANGELOG.md epoch "%s" UTC)
    endif()
    set(ENV{SOURCE_DATE_EPOCH} ${epoch})
endif()
