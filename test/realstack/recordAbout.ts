/** What the README of the recorded shop says. */
export const ABOUT = `# The shop

Two minutes of a small shop, recorded by \`npm run record\`: real CoreDNS 1.15.0, kube-apiserver 1.36.3 and its
controllers, real lookups by glibc, musl and dig, in network namespaces. A stand-in for NodeLocal DNSCache (CoreDNS
1.13.1) serves node1; the pods of node2 ask CoreDNS themselves. Sixteen workloads in five namespaces.

    npx corespan replay examples/shop/pods --cluster examples/shop/cluster

| to be seen | where |
|---|---|
| an outage: the bank's DNS server is gone for half a minute | \`pay/payments\` → \`bank.example\` fails |
| a misspelt name | \`stock/inventory\` asks for \`prodcuts-db.data\` |
| eight queries for one name, again and again | \`pay/fraud\` asks for \`scores.risk.example.org\` along its search path |
| a Service that leads to nobody | \`stock/shipping\` → \`stock/legacy-erp\` |
| an ExternalName | \`pay/payments\` → \`pay/rates\` |
| names outside the cluster | \`shop/checkout\`, \`search/search\`, \`data/orders-db\` and others |
| an address that passes from one workload to another | from \`search/indexer\` to \`shop/promo\` |
| a quiet tunnel | \`data/log-shipper\` asks for pictures with very long names under \`assets.example.net\` |

\`pods/\` is laid out like /var/log/pods, \`cluster/\` holds every watch event with its arrival and the lists of the
end, \`truth.tsv\` every lookup as its program knew it, \`happenings.json\` what else happened and when,
\`coredns-counters.txt\` what CoreDNS itself had counted in the end.
`;
