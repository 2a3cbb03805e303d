/**
 * CoreDNS's own metrics that panels, alerts and runbooks look at beside ours; a test holds them against a real one.
 *
 * Many public dashboards still ask for `coredns_forward_requests_total` and its sisters, which CoreDNS 1.11.0 removed.
 */
export const UPSTREAM_METRICS = [
  'coredns_build_info',
  'coredns_dns_requests_total',
  'coredns_dns_responses_total',
  'coredns_forward_healthcheck_broken_total',
  'coredns_panics_total',
  'coredns_proxy_request_duration_seconds_bucket',
  'coredns_proxy_request_duration_seconds_count',
  'coredns_reload_failed_total',
] as const;
