/** Recognises single lines of a Corefile, which node-cache prints at its start, without their surroundings. */

/** A block of some zones that opens, a block that closes, a comment, an import, or an indented directive. */
export function isCorefileLine(line: string): boolean {
  const text = line.trim();
  if (text === '}' || text.startsWith('#') || text.startsWith('import ')) return true;
  const isIndented = line.startsWith(' ') || line.startsWith('\t');
  return isIndented ? DIRECTIVES.has(text.split(/\s/, 1)[0] ?? '') : ZONES_OPEN.test(text);
}

/** `cluster.local:53 {`, `in-addr.arpa ip6.arpa {`, `(snippet) {` */
const ZONES_OPEN = /^(?:[\w.:/*()-]+,? )+\{$/;

/** Plugins of CoreDNS and node-cache, and what may stand in their blocks. */
const DIRECTIVES: ReadonlySet<string> = new Set(
  [
    'acl any auto autopath azure bind bufsize cache cancel chaos clouddns debug dns64 dnssec dnstap dynupdate',
    'erratic errors etcd file forward geoip grpc grpc_server header health hosts https https3 k8s_external',
    'kubernetes loadbalance local log loop metadata metrics minimal multisocket nomad nsid on pprof prometheus',
    'proxy proxyproto quic ready reload rewrite root route53 secondary sign siit template timeouts tls trace',
    'transfer tsig unbound view whoami',
    // cache, forward, proxy
    'success denial prefetch serve_stale servfail disable keepttl force_tcp prefer_udp except expire policy',
    'health_check max_fails max_concurrent tls_servername next failfast_all_unhealthy_upstreams max_idle_conns',
    // kubernetes, hosts, template, log, errors, rewrite and others
    'endpoint kubeconfig namespaces labels pods endpoint_pod_names ttl noendpoints fallthrough ignore upstream',
    'resyncperiod namespace_labels startup_timeout apiserver_qps apiserver_burst apiserver_max_inflight',
    'multicluster answer additional authority rcode ederror match class consolidate stacktrace show_first stop',
    'name type edns0 lameduck no_reverse read write idle allow block filter drop to from monitor every prefer',
  ].flatMap((words) => words.split(' ')),
);
