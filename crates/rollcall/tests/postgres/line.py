"""Runs a command in a network of its own, in which this machine has a second way to itself: 10.77.0.2 is 10.77.0.1 at the far end of a line.

    unshare --net python3 line.py COMMAND ...

The line is as good as none until SIGUSR1 makes it bad: half a second each way, and every twentieth packet lost, as netem(8) does where a
kernel has it. SIGUSR2 mends it. It is a tun device (Linux, Documentation/networking/tuntap.rst) whose packets come back with their two
addresses exchanged, which leaves their checksums as they were.
"""

import fcntl
import heapq
import os
import random
import select
import signal
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN_WITHOUT_HEADER = 0x0001 | 0x1000
DELAY = 0.5  # seconds, each way
LOSS = 0.05
BAD = False


def become(bad):
    global BAD
    BAD = bad


def back(packet):
    """An IPv4 packet with source and destination exchanged; none of anything else."""
    return packet[:12] + packet[16:20] + packet[12:16] + packet[20:] if packet[0] >> 4 == 4 else None


def main():
    signal.signal(signal.SIGUSR1, lambda *_: become(True))
    signal.signal(signal.SIGUSR2, lambda *_: become(False))
    line = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(line, TUNSETIFF, struct.pack("16sH", b"line", IFF_TUN_WITHOUT_HEADER))
    for words in ("link set lo up", "address add 10.77.0.1/30 dev line", "link set line up"):
        subprocess.run(["ip", *words.split()], check=True)
    command = subprocess.Popen(sys.argv[1:])
    chance, under_way, count = random.Random(77), [], 0
    while command.poll() is None:
        # Not for ever: the command may end without a packet.
        wait = max(0.0, under_way[0][0] - time.monotonic()) if under_way else 0.1
        if select.select([line], [], [], min(wait, 0.1))[0]:
            packet = back(os.read(line, 65536))
            if packet and not (BAD and chance.random() < LOSS):
                count += 1
                heapq.heappush(under_way, (time.monotonic() + (DELAY if BAD else 0.0), count, packet))
        while under_way and under_way[0][0] <= time.monotonic():
            os.write(line, heapq.heappop(under_way)[2])
    return command.returncode


if __name__ == "__main__":
    sys.exit(main())
