# neuron_embed(TARGET SYMBOL FILE): FILE's text as `const char SYMBOL[]`, ended by a NUL, in TARGET.
set(neuron_embed_script ${CMAKE_CURRENT_LIST_DIR}/neuron_embed_file.cmake)
function(neuron_embed target symbol file)
    set(input ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.c)
    add_custom_command(OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DINPUT=${input} -DOUTPUT=${output} -DSYMBOL=${symbol}
            -P ${neuron_embed_script}
        DEPENDS ${input} ${neuron_embed_script} VERBATIM)
    target_sources(${target} PRIVATE ${output})
endfunction()
