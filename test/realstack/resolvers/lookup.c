/*
 * Looks names up as every program does, by getaddrinfo, and says when each lookup began, ended, and how.
 *
 *     lookup <threads> < questions
 *
 * A question is a line "A+AAAA <name>", "A <name>" or "AAAA <name>"; an answer is a line "<number of the question>
 * <start> <end> <outcome> <first address>", times in microseconds since the epoch. Compiled twice: with glibc, and
 * statically with musl.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define MAX_QUESTIONS 20000

struct question {
	int family;
	char name[256];
};

static struct question questions[MAX_QUESTIONS];
static int count;
static int next;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static long long now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_REALTIME, &time);
	return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

static const char *outcome_of(int result)
{
	switch (result) {
	case 0:
		return "success";
	case EAI_AGAIN:
		return "error";
	case EAI_NONAME:
#ifdef EAI_NODATA
	case EAI_NODATA:
#endif
		return "denial";
	default:
		return "broken";
	}
}

static void ask(int number)
{
	struct question *question = &questions[number];
	struct addrinfo hints = {.ai_family = question->family, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	char address[64] = "-";
	long long start = now();
	int result = getaddrinfo(question->name, NULL, &hints, &found);
	long long end = now();

	if (result == 0 && found != NULL) {
		getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof address, NULL, 0, NI_NUMERICHOST);
		freeaddrinfo(found);
	}
	pthread_mutex_lock(&lock);
	printf("%d %lld %lld %s %s\n", number, start, end, outcome_of(result), address);
	fflush(stdout);
	pthread_mutex_unlock(&lock);
}

static void *work(void *unused)
{
	for (;;) {
		pthread_mutex_lock(&lock);
		int number = next < count ? next++ : -1;
		pthread_mutex_unlock(&lock);
		if (number < 0)
			return unused;
		ask(number);
	}
}

int main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : 1;
	char type[16];
	while (count < MAX_QUESTIONS && scanf("%15s %255s", type, questions[count].name) == 2) {
		questions[count].family = strcmp(type, "A") == 0      ? AF_INET
		                          : strcmp(type, "AAAA") == 0 ? AF_INET6
		                                                      : AF_UNSPEC;
		count++;
	}
	pthread_t *running = calloc(threads, sizeof *running);
	for (int i = 0; i < threads; i++)
		pthread_create(&running[i], NULL, work, NULL);
	for (int i = 0; i < threads; i++)
		pthread_join(running[i], NULL);
	return 0;
}
