/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Runs a test so that what it starts ends with it, however it ends. Usage: reaper PROGRAM [ARGUMENT...]
 *
 * These are two processes: the one that meson starts, and kills with SIGKILL when the time is over, and behind it, in a
 * session of its own, the reaper. Orphans of the test become children of the reaper, in whatever session and process
 * group they are, so it finds them all, and ends them whenever the test or the process in front has ended. What still
 * runs when the test has ended by itself is named, and a failure. */
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* For what has been told to end, too: a test need not wait for all of it. */
static const int grace_seconds = 5;

static sigset_t watched, usual;

/* This process gets that signal when its parent ends. */
static void end_with(pid_t parent, int number)
{
    prctl(PR_SET_PDEATHSIG, number);
    if (getppid() != parent) /* it has ended already */
        raise(number);
}

static pid_t start(char **command)
{
    const pid_t reaper = getpid(), test = fork();
    if (test != 0)
        return test;
    end_with(reaper, SIGKILL);
    setpgid(0, 0);
    sigprocmask(SIG_SETMASK, &usual, NULL);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

/* Whether /proc/PID/stat names us as its parent. Its second field is a name in brackets. */
static bool is_child(const char *pid)
{
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%.16s/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    const size_t size = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[size] = '\0';
    const char *end = strrchr(line, ')');
    char state;
    int parent;
    return end != NULL && sscanf(end + 1, " %c %d", &state, &parent) == 2 && state != 'Z' && parent == getpid();
}

static void name(const char *pid)
{
    char path[64], command[256] = "";
    snprintf(path, sizeof path, "/proc/%.16s/cmdline", pid);
    FILE *file = fopen(path, "r");
    if (file != NULL) {
        const size_t size = fread(command, 1, sizeof command - 1, file);
        for (size_t at = 0; at + 1 < size; ++at)
            if (command[at] == '\0')
                command[at] = ' ';
        fclose(file);
    }
    fprintf(stderr, "left behind: %s %s\n", pid, command);
}

static bool end_children(bool named)
{
    bool any = false;
    DIR *processes = opendir("/proc");
    for (const struct dirent *entry; processes != NULL && (entry = readdir(processes)) != NULL;) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9' || !is_child(entry->d_name))
            continue;
        if (named)
            name(entry->d_name);
        kill(atoi(entry->d_name), SIGKILL);
        any = true;
    }
    if (processes != NULL)
        closedir(processes);
    return any;
}

/* Whether there was anything. What the end of one makes an orphan is a child of ours at the next turn. */
static bool end_all(bool named)
{
    bool any = false;
    do
        any = end_children(named) || any;
    while (waitpid(-1, NULL, 0) > 0);
    return any;
}

/* Of a wait status, what a shell calls it. */
static int code_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static time_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

static int watch(pid_t test)
{
    const int skipped = 77; /* as meson knows it */
    int code = -1;
    time_t deadline = 0;
    bool childless = false;
    while (code < 0 || (!childless && now() < deadline)) {
        const struct timespec moment = {.tv_sec = 1};
        const int number = sigtimedwait(&watched, NULL, &moment);
        if (number > 0 && number != SIGCHLD) {
            end_all(false);
            return 128 + number;
        }
        int status;
        pid_t ended;
        while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
            if (ended != test)
                continue;
            code = code_of(status);
            deadline = now() + grace_seconds;
        }
        childless = ended < 0;
    }
    const bool left = end_all(true);
    return left && (code == 0 || code == skipped) ? 1 : code;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigaddset(&watched, SIGTERM);
    sigaddset(&watched, SIGINT);
    sigaddset(&watched, SIGHUP);
    sigprocmask(SIG_BLOCK, &watched, &usual);
    const pid_t front = getpid(), reaper = fork();
    if (reaper == 0) {
        setsid();
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        end_with(front, SIGTERM);
        _exit(watch(start(argv + 1)));
    }
    for (;;) {
        int number = SIGCHLD, status;
        sigwait(&watched, &number);
        if (number != SIGCHLD)
            kill(reaper, SIGTERM);
        if (waitpid(reaper, &status, WNOHANG) == reaper)
            return code_of(status);
    }
}
