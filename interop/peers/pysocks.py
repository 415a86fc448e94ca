"""One exchange through PySocks, described by JSON in the first argument, reported as JSON on stdout.

{"mode": "tcp" | "udp", "kind": "SOCKS4" | "SOCKS5" | "HTTP", "proxy": [host, port], "user": null, "password": null,
 "remoteNames": true, "target": [host, port], "payloads": [base64, ...], "timeout": seconds}

tcp sends all payloads to an echo and reads as many bytes; udp sends each datagram and awaits one answer to it.
"""

import base64
import json
import sys

import socks


def main():
    ask = json.loads(sys.argv[1])
    udp = ask["mode"] == "udp"
    sock = socks.socksocket(type=socks.socket.SOCK_DGRAM if udp else socks.socket.SOCK_STREAM)
    sock.set_proxy(
        getattr(socks, ask["kind"]),
        *ask["proxy"],
        rdns=ask["remoteNames"],
        username=ask["user"],
        password=ask["password"],
    )
    sock.settimeout(ask["timeout"])
    payloads = [base64.b64decode(text) for text in ask["payloads"]]
    exchange = exchange_udp if udp else exchange_tcp
    try:
        replies = exchange(sock, tuple(ask["target"]), payloads)
    except (socks.ProxyError, OSError) as error:
        print(json.dumps({"error": str(error)}))
        return
    print(json.dumps({"replies": [base64.b64encode(data).decode() for data in replies]}))


def exchange_tcp(sock, target, payloads):
    sock.connect(target)
    for payload in payloads:
        sock.sendall(payload)
    expected = sum(len(payload) for payload in payloads)
    received = b""
    while len(received) < expected:
        chunk = sock.recv(65536)
        if not chunk:
            raise OSError(f"ended after {len(received)} of {expected} bytes")
        received += chunk
    sock.close()
    return [received]


def exchange_udp(sock, target, payloads):
    replies = []
    for payload in payloads:
        sock.sendto(payload, target)
        data, _ = sock.recvfrom(65536)
        replies.append(data)
    return replies


main()
