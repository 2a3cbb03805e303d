# Client, name and response code, fifteen buckets; names with blanks are cut at the first of them.
BEGIN { split("0.00025 0.0005 0.001 0.002 0.004 0.008 0.016 0.032 0.064 0.128 0.256 0.512 1.024 2.048 5", bound, " ") }
$4 != "[INFO]" { other++; next }
{
  client = $5
  sub(/:[0-9]+$/, "", client)
  seconds = $NF + 0
  rcode = $(NF - 3)
  queries[client, $10, rcode]++
  rcodes[rcode]++
  for (at = 1; at <= 15 && seconds > bound[at]; at++);
  bucket[client, $10, at]++
  total++
}
END { for (rcode in rcodes) printf "%s %d\n", rcode, rcodes[rcode]; printf "total %d other %d\n", total, other }
