/* SPDX-License-Identifier: MIT */
/* Extension "jabberd.metrics/1" of a component: what it measures, for Prometheus and its like. Since ABI 1.4. */
#ifndef JABBERD_METRICS_H
#define JABBERD_METRICS_H

#include <jabberd/component.h>

/* clang-format off */
/* The words are those of OpenMetrics. A family is one thing that is measured; its samples differ in their labels:
 *
 *   family   hello_greetings, a counter     "Greetings sent."
 *   sample   language="en"                  812
 *   sample   language="de"                  107
 *
 * Names. A family's name begins with the name in the component's identity (component.h) and "_", where every character
 * that is no letter, digit or "_" is "_": "hello_greetings". So two components never mean different things by one name.
 * It ends with its unit, a base unit in the plural ("seconds", "bytes"), if it has one. The host writes "_total" behind
 * a counter's name, and adds the label `service`, the id of the <service/>, to every sample: no component uses that
 * label. Operators build graphs and alerts on names: what was told under a name once means the same for ever.
 *
 * Labels. Each set of values is a series that is stored for months. A label has few values, known beforehand; never what
 * a stranger can choose, such as an address or a user.
 *
 * Counters only grow, as long as the instance lives; so do a histogram's. One that is less than before is taken for a
 * restart, and is right where there was one. A component that can be swapped hands them to its successor. */
/* clang-format on */

#ifdef __cplusplus
extern "C" {
#endif

#define JABBERD_METRICS "jabberd.metrics/1"

typedef enum jabberd_metric_type {
    JABBERD_COUNTER = 0,
    JABBERD_GAUGE = 1,
    JABBERD_HISTOGRAM = 2,
} jabberd_metric_type;

/* Borrowed. */
typedef struct jabberd_metric_family {
    size_t size;
    jabberd_view name; /* letters, digits and "_"; without "_total" */
    jabberd_metric_type type;
    jabberd_view unit; /* "seconds", "bytes"; "" where things are counted */
    jabberd_view help; /* a sentence */
} jabberd_metric_family;

typedef struct jabberd_metric_label {
    jabberd_view name; /* letters, digits and "_"; not "service", "le" or "quantile" */
    jabberd_view value;
} jabberd_metric_label;

/* How many observations were `most` or less: each bucket includes those before it. */
typedef struct jabberd_metric_bucket {
    double most; /* in the unit of the family */
    uint64_t count;
} jabberd_metric_bucket;

/* Borrowed. */
typedef struct jabberd_metric_sample {
    size_t size;
    const jabberd_metric_label *labels;
    size_t label_count;
    double value;                         /* of a counter or gauge, in the unit of the family */
    const jabberd_metric_bucket *buckets; /* of a histogram, by growing `most`; without that of all observations */
    size_t bucket_count;
    double sum;     /* of a histogram: of all observations */
    uint64_t count; /* of a histogram: how many there were */
} jabberd_metric_sample;

/* The host's. What is against the rules above it leaves out, and logs once. */
typedef struct jabberd_metric_sink {
    size_t size;
    void *data;

    /* [deliverer] Here: the thread that called collect(), before it returns. A family, then its samples; the arguments
     * are borrowed. A family may be told again. One without samples is shown as such. */
    void (*family)(void *data, const jabberd_metric_family *family);
    void (*sample)(void *data, const jabberd_metric_sample *sample);
} jabberd_metric_sink;

typedef struct jabberd_metrics {
    size_t size;

    /* [main & running, stopped] Tells all that is measured, before it returns. May wait for the component's own
     * threads, a few milliseconds; it is called some times a minute, and clients wait no longer for it than for any
     * other packet. The sink is borrowed. */
    void (*collect)(jabberd_instance *instance, const jabberd_metric_sink *sink);
} jabberd_metrics;

#ifdef __cplusplus
}
#endif

#endif
