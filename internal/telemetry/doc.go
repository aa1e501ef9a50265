// Package telemetry sets up logs and metrics.
//
// Logs have stable snake_case keys and nothing personal. Metrics are named
// advocate_<part>_<thing>_<unit>; labels come from closed sets (routes,
// status classes, effect states), never from what a customer or a caller
// wrote, so that their number is bounded.
package telemetry
