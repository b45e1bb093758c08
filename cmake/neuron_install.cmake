# Install rules: libraries with headers, the CMake package, one pkg-config file and one manual page
# per library; the pages that manuals point to.
include(CMakePackageConfigHelpers)

# neuron_install_library(NAME FILE_NAME PUBLIC_LIBRARIES PRIVATE_LIBRARIES): the libraries are those
# that it is linked with; of these ours stand in its pkg-config file.
function(neuron_install_library name pc_name public_libraries private_libraries)
    install(TARGETS ${name} EXPORT neuron_targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT dev
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev)
    set(pc_requires "")
    set(pc_requires_private "")
    if("runtime" IN_LIST public_libraries)
        set(pc_requires neuron_runtime)
    elseif("runtime" IN_LIST private_libraries)
        set(pc_requires_private neuron_runtime)
    endif()
    # Relative, so that the file stays true wherever `cmake --install --prefix` puts it.
    file(RELATIVE_PATH pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
    string(REGEX REPLACE "/$" "" pc_prefix ${pc_prefix})
    configure_file(${PROJECT_SOURCE_DIR}/cmake/neuron.pc.in
        ${PROJECT_BINARY_DIR}/${pc_name}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${pc_name}.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)
    install(FILES ${PROJECT_SOURCE_DIR}/docs/${pc_name}.3
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man3 COMPONENT dev)
endfunction()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/neuron)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/neuron-config.cmake.in
    ${PROJECT_BINARY_DIR}/neuron-config.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/neuron-config-version.cmake
    COMPATIBILITY SameMinorVersion)
install(EXPORT neuron_targets NAMESPACE neuron:: DESTINATION ${package_folder} COMPONENT dev)
install(FILES ${PROJECT_BINARY_DIR}/neuron-config.cmake
    ${PROJECT_BINARY_DIR}/neuron-config-version.cmake
    DESTINATION ${package_folder} COMPONENT dev)
# Flat, where manuals say that they are: links from page to page hold.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/neuron-tools COMPONENT tools
    FILES_MATCHING PATTERN "*.md" PATTERN "*.svg")
