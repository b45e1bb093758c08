# Run by cpack when every component is installed into a folder of its own, before these are packed:
# adds what a Debian package has beyond what `cmake --install` installs.

# run(COMMAND...): a failure ends the packing.
function(run)
    execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# compress(FILES...): with the best ratio, and without name and time, as Debian's policy has it.
function(compress)
    if(ARGN)
        run(gzip -9 -n -f ${ARGN})
    endif()
endfunction()

function(add_documents package folder)
    set(documents ${folder}/usr/share/doc/${package})
    string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # that of SOURCE_DATE_EPOCH
    set(version ${CPACK_DEBIAN_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
    file(WRITE ${documents}/changelog.Debian
        "${CPACK_PACKAGE_NAME} (${version}) unstable; urgency=medium\n\n"
        "  * Version ${CPACK_DEBIAN_PACKAGE_VERSION}: see changelog.gz.\n\n"
        " -- ${CPACK_DEBIAN_PACKAGE_MAINTAINER}  ${date}\n")
    configure_file(${CPACK_NEURON_SOURCE_DIR}/CHANGELOG.md ${documents}/changelog COPYONLY)
    configure_file(${CMAKE_CURRENT_LIST_DIR}/debian_copyright ${documents}/copyright COPYONLY)
    compress(${documents}/changelog.Debian ${documents}/changelog)
endfunction()

# find_binaries(FOLDER VARIABLE): the programs and libraries in it.
function(find_binaries folder variable)
    set(found "")
    file(GLOB_RECURSE files ${folder}/usr/bin/* ${folder}/usr/lib/*.so.* ${folder}/usr/libexec/*)
    foreach(file IN LISTS files)
        if(NOT IS_SYMLINK ${file})
            list(APPEND found ${file})
        endif()
    endforeach()
    set(${variable} ${found} PARENT_SCOPE)
endfunction()

# strip_binaries(FILES...): of all that only a linker and a debugger read, and of the folders where
# libraries are looked for: these lie where the system looks anyway.
function(strip_binaries)
    foreach(file IN LISTS ARGN)
        run(strip --strip-unneeded --remove-section=.comment --remove-section=.note ${file})
        file(RPATH_REMOVE FILE ${file})
    endforeach()
endfunction()

# add_dependencies(COMPONENT FOLDER FILES...): on the packages of the libraries that these programs and
# libraries are linked with. CPack would ask dpkg-shlibdeps, too, but then has its packages call ldconfig where
# Debian's have a trigger.
function(add_dependencies component folder)
    if(NOT ARGN)
        return()
    endif()
    list(TRANSFORM ARGN PREPEND -e OUTPUT_VARIABLE programs)
    # It wants to see a source package, and where the libraries are that other files here need.
    set(work ${CPACK_TEMPORARY_DIRECTORY}/shlibdeps)
    file(WRITE ${work}/debian/control 
        "Source: ${CPACK_PACKAGE_NAME}\n\nPackage: ${component}\nArchitecture: any\n")
    execute_process(
        COMMAND dpkg-shlibdeps -O --ignore-missing-info
            -x${CPACK_DEBIAN_RUNTIME_PACKAGE_NAME}
            -l${folder}/usr/lib/${CPACK_NEURON_ARCHITECTURE} ${programs}
        WORKING_DIRECTORY ${work} OUTPUT_VARIABLE found ERROR_VARIABLE troubles
        OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
    if(failed OR NOT found MATCHES "^shlibs:Depends=")
        message(FATAL_ERROR "dpkg-shlibdeps, of the package dpkg-dev: ${failed}: ${troubles}")
    endif()
    string(REPLACE "shlibs:Depends=" "" found "${found}")
    string(TOUPPER ${component} upper)
    list(APPEND found ${CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS})
    list(JOIN found ", " found)
    set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${found}" PARENT_SCOPE)
endfunction()

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
    set(folder ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${component})
    string(TOUPPER ${component} upper)
    add_documents(${CPACK_DEBIAN_${upper}_PACKAGE_NAME} ${folder})
    find_binaries(${folder} binaries)
    strip_binaries(${binaries})
    add_dependencies(${component} ${folder} ${binaries})
    file(GLOB manuals ${folder}/usr/share/man/man*/*.[0-9])
    compress(${manuals})
    # Where Debian's zsh looks; that of others looks where `cmake --install` puts them.
    if(IS_DIRECTORY ${folder}/usr/share/zsh/site-functions)
        file(RENAME ${folder}/usr/share/zsh/site-functions
            ${folder}/usr/share/zsh/vendor-completions)
    endif()
    # The same bytes of the same source, whatever the time and whoever packs.
    run(chmod -R u=rwX,go=rX ${folder})
    run(find ${folder} -exec touch --no-dereference --date=@$ENV{SOURCE_DATE_EPOCH} {} +)
endforeach()
