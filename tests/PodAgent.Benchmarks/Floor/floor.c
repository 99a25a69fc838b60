// What the kernel alone charges for one pod, so that a ratio can be taken in the same run as the agent's own figures.
//
// Each round makes what a pod is made of, with nothing in between: a pause process in new network, IPC and UTS namespaces; a veth pair
// into a bridge with address, link up and default route; an overlay mount; a container in new PID and mount namespaces that joins the
// pause process's, mounts /proc and /dev, pivots and executes a static program. It runs inside a network namespace of its own.
//
//   cc -O2 -o floor floor.c && ./floor STATIC-BUSYBOX ROUNDS       prints: pause network container total (microseconds, one line a round)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NETNS, IPCNS, UTSNS, KINDS };
static const char *const kind_names[KINDS] = {"net", "ipc", "uts"};

struct message {
    struct nlmsghdr header;
    union { struct ifinfomsg link; struct ifaddrmsg address; struct rtmsg route; } body;
    char attributes[512];
};

static long microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static pid_t spawn(uint64_t namespaces)
{
    struct clone_args args = {.flags = namespaces, .exit_signal = SIGCHLD};
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (pid < 0) err(1, "clone3");
    return pid;
}

static void begin(struct message *m, uint16_t type, uint16_t flags, size_t body)
{
    memset(m, 0, sizeof *m);
    m->header.nlmsg_len = NLMSG_LENGTH(body);
    m->header.nlmsg_type = type;
    m->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
}

static struct rtattr *attribute(struct message *m, uint16_t type, const void *data, size_t length)
{
    struct rtattr *a = (struct rtattr *)((char *)m + NLMSG_ALIGN(m->header.nlmsg_len));
    a->rta_type = type;
    a->rta_len = (uint16_t)RTA_LENGTH(length);
    if (length) memcpy(RTA_DATA(a), data, length);
    m->header.nlmsg_len = NLMSG_ALIGN(m->header.nlmsg_len) + RTA_ALIGN(a->rta_len);
    return a;
}

static void close_nest(struct message *m, struct rtattr *a) { a->rta_len = (uint16_t)((char *)m + m->header.nlmsg_len - (char *)a); }

static void exchange(int netlink, struct message *m, const char *what)
{
    char reply[4096];
    if (send(netlink, m, m->header.nlmsg_len, 0) < 0 || recv(netlink, reply, sizeof reply, 0) < 0) err(1, "%s", what);
    int code = ((struct nlmsgerr *)NLMSG_DATA((struct nlmsghdr *)reply))->error;
    if (code) { errno = -code; err(1, "%s", what); }
}

static int open_netlink(void)
{
    int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (s < 0) err(1, "netlink socket");
    return s;
}

static void bring_up(int netlink, int index)
{
    struct message m;
    begin(&m, RTM_NEWLINK, 0, sizeof m.body.link);
    m.body.link.ifi_index = index;
    m.body.link.ifi_flags = m.body.link.ifi_change = IFF_UP;
    exchange(netlink, &m, "link up");
}

static void set_address(int netlink, int index, uint32_t address)
{
    struct message m;
    begin(&m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, sizeof m.body.address);
    m.body.address = (struct ifaddrmsg){.ifa_family = AF_INET, .ifa_prefixlen = 16, .ifa_index = (unsigned)index};
    attribute(&m, IFA_LOCAL, &address, sizeof address);
    exchange(netlink, &m, "address");
}

static int make_bridge(int netlink)
{
    struct message m;
    begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof m.body.link);
    attribute(&m, IFLA_IFNAME, "bridge0", sizeof "bridge0");
    struct rtattr *info = attribute(&m, IFLA_LINKINFO, NULL, 0);
    attribute(&m, IFLA_INFO_KIND, "bridge", 6);
    close_nest(&m, info);
    exchange(netlink, &m, "bridge");
    int index = (int)if_nametoindex("bridge0");
    set_address(netlink, index, inet_addr("10.99.0.1"));
    bring_up(netlink, index);
    return index;
}

static void connect_pod(int netlink, int bridge, int host, int pod, int round)
{
    struct message m;
    char name[IFNAMSIZ];
    snprintf(name, sizeof name, "pod%d", round);
    begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof m.body.link);
    m.body.link.ifi_flags = m.body.link.ifi_change = IFF_UP;
    attribute(&m, IFLA_IFNAME, name, strlen(name) + 1);
    attribute(&m, IFLA_MASTER, &bridge, sizeof bridge);
    struct rtattr *info = attribute(&m, IFLA_LINKINFO, NULL, 0);
    attribute(&m, IFLA_INFO_KIND, "veth", 4);
    struct rtattr *data = attribute(&m, IFLA_INFO_DATA, NULL, 0);
    struct ifinfomsg blank = {0};
    struct rtattr *peer = attribute(&m, VETH_INFO_PEER, &blank, sizeof blank);
    attribute(&m, IFLA_IFNAME, "eth0", sizeof "eth0");
    attribute(&m, IFLA_NET_NS_FD, &pod, sizeof pod);
    close_nest(&m, peer);
    close_nest(&m, data);
    close_nest(&m, info);
    exchange(netlink, &m, "veth");

    if (setns(pod, CLONE_NEWNET)) err(1, "setns");
    int inside = open_netlink();
    int eth0 = (int)if_nametoindex("eth0");
    set_address(inside, eth0, htonl(0x0a630002u + (uint32_t)round));
    bring_up(inside, eth0);
    bring_up(inside, 1);
    begin(&m, RTM_NEWROUTE, NLM_F_CREATE, sizeof m.body.route);
    m.body.route = (struct rtmsg){.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_BOOT, .rtm_type = RTN_UNICAST};
    uint32_t gateway = inet_addr("10.99.0.1");
    attribute(&m, RTA_GATEWAY, &gateway, sizeof gateway);
    exchange(inside, &m, "route");
    close(inside);
    if (setns(host, CLONE_NEWNET)) err(1, "setns back");
}

static void become_container(const int ns[KINDS], const char *root)
{
    static const int flags[KINDS] = {CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS};
    for (int k = 0; k < KINDS; k++)
        if (setns(ns[k], flags[k])) err(1, "join %s", kind_names[k]);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount(root, root, NULL, MS_BIND | MS_REC, NULL) || chdir(root)) err(1, "root");
    if (mount("proc", "proc", "proc", 0, NULL) || mount("tmpfs", "dev", "tmpfs", 0, "mode=755")) err(1, "proc and dev");
    if (syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/")) err(1, "pivot_root");
    execl("/bin/busybox", "true", (char *)NULL);
    err(1, "execve");
}

int main(int argc, char **argv)
{
    if (argc != 3) errx(2, "usage: floor STATIC-BUSYBOX ROUNDS");
    char base[] = "/tmp/podagent-floor-XXXXXX", command[512];
    if (!mkdtemp(base)) err(1, "mkdtemp");
    snprintf(command, sizeof command, "mkdir -p %s/lower/bin %s/lower/proc %s/lower/dev && cp %s %s/lower/bin/busybox", base, base, base, argv[1], base);
    if (system(command)) errx(1, "cannot prepare %s", base);
    if (unshare(CLONE_NEWNET)) err(1, "unshare");
    int host = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), netlink = open_netlink(), bridge = make_bridge(netlink);

    for (int round = 0; round < atoi(argv[2]); round++) {
        char path[128], upper[128], work[128], root[128], options[512];
        snprintf(upper, sizeof upper, "%s/u%d", base, round);
        snprintf(work, sizeof work, "%s/w%d", base, round);
        snprintf(root, sizeof root, "%s/r%d", base, round);
        snprintf(options, sizeof options, "lowerdir=%s/lower,upperdir=%s,workdir=%s", base, upper, work);

        long t0 = microseconds();
        pid_t pause_process = spawn(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS);
        if (pause_process == 0) { pause(); _exit(0); }
        int ns[KINDS];
        for (int k = 0; k < KINDS; k++) {
            snprintf(path, sizeof path, "/proc/%d/ns/%s", pause_process, kind_names[k]);
            if ((ns[k] = open(path, O_RDONLY | O_CLOEXEC)) < 0) err(1, "%s", path);
        }
        long t1 = microseconds();
        connect_pod(netlink, bridge, host, ns[NETNS], round);
        long t2 = microseconds();
        if (mkdir(upper, 0755) || mkdir(work, 0755) || mkdir(root, 0755) || mount("overlay", root, "overlay", 0, options)) err(1, "overlay");
        pid_t container = spawn(CLONE_NEWPID | CLONE_NEWNS);
        if (container == 0) become_container(ns, root);
        int status;
        if (waitpid(container, &status, 0) < 0 || status) errx(1, "the container ended with status %d", status);
        long t3 = microseconds();
        printf("%ld %ld %ld %ld\n", t1 - t0, t2 - t1, t3 - t2, t3 - t0);

        kill(pause_process, SIGKILL);
        waitpid(pause_process, &status, 0);
        umount2(root, MNT_DETACH);
        for (int k = 0; k < KINDS; k++) close(ns[k]);
        // As between the rounds of the agent: the kernel's own cleaning up must not run beside the next one.
        usleep(100 * 1000);
    }
    snprintf(command, sizeof command, "rm -rf %s", base);
    return system(command) != 0;
}
