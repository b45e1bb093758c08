/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/step_description.h"

#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_debug.h>

#include "engine/plan_body.h"

uint32_t
neuron_plan_step_count(const struct neuron_plan *plan)
{
    return plan->step_count;
}

bool
neuron_plan_is_narrow(const struct neuron_plan *plan, uint32_t value)
{
    return plan->is_narrow[value];
}

struct neuron_step_description
neuron_plan_describe_step(const struct neuron_plan *plan, uint32_t step)
{
    const struct neuron_step *described = &plan->steps[step];
    struct neuron_step_description description = {
        .node = UINT32_MAX, .kernel = "copy", .implementation = "neuron"};
    const_dnnl_primitive_desc_t primitive = NULL;
    dnnl_primitive_kind_t kind = dnnl_undefined_primitive;

    if (described->node != NULL) {
        description.node = (uint32_t)(described->node - plan->graph->nodes);
        description.kernel = neuron_operator_name(described->node->kind);
        description.is_narrow = plan->is_narrow[described->node->output];
    }
    if (described->primitive == NULL) {
        return description;
    }
    description.kernel = "unknown";
    description.implementation = "unknown";
    if (dnnl_primitive_get_primitive_desc(described->primitive, &primitive) == dnnl_success) {
        (void)dnnl_primitive_desc_query(primitive, dnnl_query_primitive_kind, 0, &kind);
        (void)dnnl_primitive_desc_query(primitive, dnnl_query_impl_info_str, 0,
                                        &description.implementation);
        description.kernel = dnnl_prim_kind2str(kind);
    }
    return description;
}
