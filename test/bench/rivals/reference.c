/*
 * The floor: what the same work costs in C, one pass over the file, nothing but counters.
 *
 *     cc -O2 -march=native -o reference reference.c && ./reference FILE
 *
 * Reads CRI lines of CoreDNS's default format; counts by client, name and response code, sums durations, and keeps
 * fifteen buckets for each client and name. No walk, no pods, no other format: whoever does more is dearer.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUCKETS = 15, PIECE = 1 << 16, RCODES = 32, CLIENTS = 1 << 12, PLACES = 1 << 22, EDGES = 1 << 20 };

struct word { uint64_t hash; uint32_t length; const char *text; uint64_t count; };
struct edge { uint64_t key, count, nanoseconds, bucket[BUCKETS + 1]; };

static struct word rcodes[RCODES], clients[CLIENTS];
static struct edge *edges;
static uint32_t *places;
static uint64_t lines, queries, other, total, edge_count, client_count;
static const uint64_t bounds[BUCKETS] = {
    250000ull,    500000ull,    1000000ull,    2000000ull,    4000000ull,    8000000ull,    16000000ull,  32000000ull,
    64000000ull,  128000000ull, 256000000ull,  512000000ull,  1024000000ull, 2048000000ull, 5000000000ull};

static uint64_t hash_of(const char *text, size_t length) {
  uint64_t hash = 1469598103934665603ull;
  size_t at = 0;
  for (; at + 8 <= length; at += 8) {
    uint64_t eight;
    memcpy(&eight, text + at, 8);
    hash = (hash ^ eight) * 0x9e3779b97f4a7c15ull;
    hash ^= hash >> 29;
  }
  for (; at < length; at++) hash = (hash ^ (unsigned char)text[at]) * 1099511628211ull;
  hash ^= hash >> 32;
  return hash | 1;
}

static struct word *find_word(struct word *table, uint32_t size, const char *text, uint32_t length) {
  uint64_t hash = hash_of(text, length);
  for (uint32_t at = hash & (size - 1);; at = (at + 1) & (size - 1)) {
    struct word *word = &table[at];
    if (word->hash == hash && word->length == length && memcmp(word->text, text, length) == 0) return word;
    if (word->hash != 0) continue;
    *word = (struct word){hash, length, strndup(text, length), 0};
    return word;
  }
}

static struct edge *find_edge(uint64_t client, uint64_t name) {
  uint64_t key = (client * 31) ^ name;
  for (uint32_t at = (key ^ (key >> 23)) & (PLACES - 1);; at = (at + 1) & (PLACES - 1)) {
    struct edge *edge = &edges[places[at]];
    if (places[at] != 0 && edge->key == key) return edge;
    if (places[at] != 0) continue;
    if (edge_count + 1 == EDGES) { fputs("more edges than there is room for\n", stderr); exit(1); }
    places[at] = (uint32_t)++edge_count;
    edges[edge_count].key = key;
    return &edges[edge_count];
  }
}

/* Seconds as CoreDNS prints them; decimals beyond the ninth are rounded as a reader of text would. */
static uint64_t to_nanoseconds(const char *text, const char *end) {
  uint64_t whole = 0, part = 0;
  int decimals = 0;
  for (; text < end && *text >= '0' && *text <= '9'; text++) whole = whole * 10 + (uint64_t)(*text - '0');
  if (text < end && *text == '.') {
    for (text++; text < end && *text >= '0' && *text <= '9'; text++, decimals++) {
      if (decimals < 9) part = part * 10 + (uint64_t)(*text - '0');
      else if (decimals == 9 && *text >= '5') part++;
    }
  }
  for (; decimals < 9; decimals++) part *= 10;
  return whole * 1000000000ull + part;
}

static const char *skip(const char *at, const char *end, int words) {
  while (words-- > 0) {
    at = memchr(at, ' ', (size_t)(end - at));
    if (at == NULL) return NULL;
    at++;
  }
  return at;
}

static void read_line(const char *at, const char *end) {
  lines++;
  const char *text = skip(at, end, 3);
  if (text == NULL || end - text < 8 || memcmp(text, "[INFO] ", 7) != 0) { other++; return; }
  const char *client = text + 7, *quote = memchr(client, '"', (size_t)(end - client));
  const char *blank = memchr(client, ' ', (size_t)(end - client));
  if (quote == NULL || blank == NULL) { other++; return; }
  const char *close = quote + 1;
  while (close < end && !(*close == '"' && close[-1] != '\\')) close++;
  const char *colon = memrchr(client, ':', (size_t)(blank - client));
  const char *name = skip(quote + 1, close, 2);
  if (close >= end || colon == NULL || name == NULL) { other++; return; }
  /* Transport, size, DO and buffer size stand behind the name, which may hold blanks. */
  const char *name_end = close;
  for (int words = 0; words < 4; words++) name_end = memrchr(name, ' ', (size_t)(name_end - name));
  const char *rcode = close + 2, *rcode_end = memchr(rcode, ' ', (size_t)(end - rcode));
  const char *seconds = rcode_end == NULL ? NULL : skip(rcode, end, 3);
  if (seconds == NULL) { other++; return; }
  uint64_t nanoseconds = to_nanoseconds(seconds, end);
  queries++;
  total += nanoseconds;
  find_word(rcodes, RCODES, rcode, (uint32_t)(rcode_end - rcode))->count++;
  struct word *who = find_word(clients, CLIENTS, client, (uint32_t)(colon - client));
  if (who->count++ == 0) client_count++;
  struct edge *edge = find_edge(who->hash, hash_of(name, (size_t)(name_end - name)));
  edge->count++;
  edge->nanoseconds += nanoseconds;
  int bucket = 0;
  while (bucket < BUCKETS && nanoseconds > bounds[bucket]) bucket++;
  edge->bucket[bucket]++;
}

int main(int argc, char **argv) {
  static char buffer[2 * PIECE];
  int file = argc > 1 ? open(argv[1], O_RDONLY) : 0;
  if (file < 0) { perror(argv[1]); return 1; }
  edges = calloc(EDGES, sizeof *edges);
  places = calloc(PLACES, sizeof *places);
  size_t kept = 0;
  for (ssize_t got; (got = read(file, buffer + kept, PIECE)) > 0;) {
    char *end = buffer + kept + got, *at = buffer;
    for (char *newline; (newline = memchr(at, '\n', (size_t)(end - at))) != NULL; at = newline + 1)
      read_line(at, newline);
    kept = (size_t)(end - at);
    if (kept > PIECE) kept = 0;
    memmove(buffer, at, kept);
  }
  printf("{\"queries\":%lu,\"notices\":%lu,\"nanoseconds\":\"%lu\",\"clients\":%lu,\"edges\":%lu,\"rcodes\":{", queries,
         other, total, client_count, edge_count);
  const char *comma = "";
  for (int at = 0; at < RCODES; at++) {
    if (rcodes[at].hash == 0) continue;
    printf("%s\"%.*s\":%lu", comma, (int)rcodes[at].length, rcodes[at].text, rcodes[at].count);
    comma = ",";
  }
  puts("}}");
  return 0;
}
