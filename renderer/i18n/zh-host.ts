/**
 * What the host says, in Chinese, by the host's own English templates (core/contract/words.ts): titles and descriptions of
 * options, findings, problems, names of steps. scripts/host-words.test.ts sees to it that none is missing and none is left over.
 * Long because it is the one catalogue of these.
 */
export const zhHost: Readonly<Record<string, string>> = {
  'SOCKS and HTTP': 'SOCKS 和 HTTP',
  'Serves SOCKS4, SOCKS4a, SOCKS5 and HTTP proxy clients on one port.':
    '在一个端口上服务 SOCKS4、SOCKS4a、SOCKS5 和 HTTP 代理客户端。',
  'Incoming connections': '入站连接',
  'Open ports on this machine for clients that ask for it: BIND, rtcp and rudp of GOST.':
    '应客户端要求在本机开放端口：BIND，以及 GOST 的 rtcp 和 rudp。',
  'Confirm user ids': '核实用户标识',
  "Ask the client's computer who owns the connection (identd, port 113) and refuse other user ids.":
    '向客户端所在的计算机询问连接属于谁（identd，端口 113），标识不符则拒绝。',
  'Time for the request': '请求时限',
  'A client has this long, from its first byte on the port to the end of its request. 0 means the default of 15 s.':
    '客户端从端口收到的第一个字节到请求结束最多用这么久。0 表示默认的 15 秒。',
  UDP: 'UDP',
  'Relay datagrams for clients that ask for it, beside their stream or inside it.':
    '为有需要的客户端转发数据报，走其连接旁边或在连接之内。',
  'No TLS inside SOCKS5': 'SOCKS5 内不用 TLS',
  'Do not offer the TLS sign-in methods of GOST (0x80 and 0x82).':
    '不提供 GOST 的 TLS 登录方式（0x80 和 0x82）。',
  'Require TLS': '要求 TLS',
  'Turn away clients that do not encrypt with one of the TLS sign-in methods of GOST.':
    '拒绝不用 GOST 的 TLS 登录方式加密的客户端。',
  'GOST 2 remote ports': 'GOST 2 远程端口',
  'Do not tell clients who connected to a remote TCP port; GOST v2 needs it so.':
    '不告诉客户端是谁连上了远程 TCP 端口；GOST v2 需要这样。',
  'UDP buffer': 'UDP 缓冲区',
  'Read for compatibility: datagrams up to 65,535 bytes are relayed whole, whatever it says.':
    '仅为兼容而读取：无论写多少，65,535 字节以内的数据报都完整转发。',
  bytes: '字节',
  'Public address': '公网地址',
  'The IP address told to clients for UDP and for incoming connections, when the one they see is not it.':
    '告诉客户端用于 UDP 和入站连接的 IP 地址，当它们看到的地址不是它时使用。',
  'First UDP port': '第一个 UDP 端口',
  'UDP relays use ports from this one on. 0 leaves the choice to the system.':
    'UDP 转发从这个端口开始使用。0 由系统选择。',
  'Last UDP port': '最后一个 UDP 端口',
  'UDP relays use ports up to this one.': 'UDP 转发最多用到这个端口。',
  'smux version': 'smux 版本',
  'Both ends must use the same: 1, or 2 with a window per stream.': '两端必须相同：1，或带每流窗口的 2。',
  'No keepalive': '不保活',
  'Send no keepalive frames and never give up on a silent peer.': '不发送保活帧，也不会放弃沉默的对端。',
  'Keepalive interval': '保活间隔',
  'How often a keepalive frame is sent.': '多久发送一次保活帧。',
  'Keepalive timeout': '保活超时',
  'The session ends when nothing was received for this long.': '这么久没有收到任何内容，会话就结束。',
  'Largest frame': '最大帧',
  'Payload of one frame we send.': '我们发送的一帧的载荷。',
  'Session buffer': '会话缓冲区',
  'Unread bytes of all streams at which reading pauses.': '所有流未读的字节达到此值时暂停读取。',
  'Stream buffer': '流缓冲区',
  'Window announced for each stream (version 2).': '为每个流通告的窗口（版本 2）。',
  'Idle time': '空闲时间',
  'A connection on which nothing moves for this long is closed. 0 means never.':
    '这么久没有任何数据的连接会被关闭。0 表示从不。',
  Realm: '域',
  'What programs show beside the question for user name and password.': '程序询问用户名和密码时显示的文字。',
  'Additional header fields': '附加头字段',
  'Sent with the answers of the proxy itself.': '随代理自己的应答发送。',
  'Name of the proxy': '代理名称',
  'What the answers of the proxy itself say in Proxy-Agent. Empty: nothing.':
    '代理自己的应答在 Proxy-Agent 中的内容。留空则不写。',
  'Keep connections to servers': '保持与服务器的连接',
  'After an answer the connection to the server stays open for the next plain request of the same client to it.':
    '应答之后，与服务器的连接为同一客户端对它的下一个普通请求保留。',
  'Compress on the way in': '入站压缩',
  'Ask servers for gzip where the program did not ask for anything, and unpack it for the program.':
    '程序没有要求时向服务器请求 gzip，并替程序解开。',
  Disguise: '伪装',
  'What somebody without the password gets instead of a sign-in question: `code:404`, `web:example.com` (that page), `file:/var/www/index.html` (that file) or `host:192.168.1.1:80` (that server answers). Empty: the question.':
    '没有密码的人看到的不是登录询问，而是：`code:404`、`web:example.com`（该网页）、`file:/var/www/index.html`（该文件）或 `host:192.168.1.1:80`（由该服务器应答）。留空则显示登录询问。',
  Knock: '敲门',
  'Host names, separated by commas: a request for one of them gets the sign-in question in spite of the disguise.':
    '以逗号分隔的主机名：请求其中之一时，即使有伪装也显示登录询问。',
  SOCKS5: 'SOCKS5',
  'Serves SOCKS5 clients: connections, remote ports and UDP, with or without a password, GOST extensions included.':
    '服务 SOCKS5 客户端：连接、远程端口和 UDP，有无密码均可，含 GOST 扩展。',
  SOCKS4: 'SOCKS4',
  'Serves SOCKS4 and SOCKS4a clients: connections and incoming connections.':
    '服务 SOCKS4 和 SOCKS4a 客户端：连接和入站连接。',
  'Open a port for one announced peer of a client that asks for it (BIND).':
    '应客户端要求为一个事先说明的对端开放端口（BIND）。',
  'HTTP proxy': 'HTTP 代理',
  'Serves HTTP proxy clients: tunnels by CONNECT and plain requests, with or without a password.':
    '服务 HTTP 代理客户端：CONNECT 隧道和普通请求，有无密码均可。',
  Relay: 'Relay',
  'GOST relay protocol: TCP, UDP and remote forwarding on one port.':
    'GOST relay 协议：在一个端口上提供 TCP、UDP 和远程转发。',
  BIND: 'BIND',
  'Lets clients open ports on this machine (rtcp, rudp).': '允许客户端在本机开放端口（rtcp、rudp）。',
  'Handshake limit': '握手时限',
  'Time a client has to send its request.': '客户端发送请求的时间。',
  'No delay': '不延迟',
  'Accepted for GOST: the reply is never delayed here.': '为 GOST 接受：这里的应答从不延迟。',
  'Accepted for GOST: datagrams are never cut here.': '为 GOST 接受：这里的数据报从不截断。',
  'TCP forward': 'TCP 转发',
  'Sends every connection to a configured target.': '把每个连接送到设定的目标。',
  'Idle limit': '空闲时限',
  'A connection silent for this long is closed; 0 never closes one.':
    '沉默这么久的连接会被关闭；0 从不关闭。',
  'UDP forward': 'UDP 转发',
  'Sends every datagram to a configured target and every answer back.':
    '把每个数据报送到设定的目标，并送回每个应答。',
  'Remote TCP forward': '远程 TCP 转发',
  'Sends connections made to the far end of a chain to a target on this side.':
    '把连到链远端的连接送到这一侧的目标。',
  'Remote UDP forward': '远程 UDP 转发',
  'Sends datagrams received at the far end of a chain to a target on this side.':
    '把链远端收到的数据报送到这一侧的目标。',
  Forward: '转发',
  'Sends whatever the listener accepts to a configured target.': '把监听器接受的一切送到设定的目标。',
  TCP: 'TCP',
  'Accepts plain TCP connections.': '接受普通 TCP 连接。',
  'TCP keep-alive': 'TCP 保活',
  'Let the system notice peers that vanished without a word.': '让系统发现不声不响消失的对端。',
  'Silence before keep-alive': '保活前的沉默时间',
  'A connection that was silent this long is probed. 0 is the default of the system.':
    '沉默这么久的连接会被探测。0 为系统默认。',
  TLS: 'TLS',
  'Accepts TLS 1.2 and 1.3 connections.': '接受 TLS 1.2 和 1.3 连接。',
  WebSocket: 'WebSocket',
  'Accepts WebSocket connections.': '接受 WebSocket 连接。',
  Path: '路径',
  'Requests for another path get 404.': '请求其他路径得到 404。',
  'Answer headers': '应答头',
  'Added to the 101 answer.': '加到 101 应答中。',
  Compression: '压缩',
  'Accepts permessage-deflate where the client offers it.': '客户端提供 permessage-deflate 时接受。',
  Backlog: '等待队列',
  'Accepted for GOST: nothing waits here.': '为 GOST 接受：这里没有东西排队。',
  connections: '连接',
  'Allowed origins': '允许的来源',
  'Web pages of these origins may connect. Programs send no origin and always may.':
    '这些来源的网页可以连接。程序不发送来源，总是可以。',
  'WebSocket over TLS': 'WebSocket over TLS',
  'Accepts WebSocket connections over TLS.': '接受基于 TLS 的 WebSocket 连接。',
  'Multiplexed TCP': '多路复用 TCP',
  'Accepts many connections in each TCP connection.': '在每个 TCP 连接中接受多个连接。',
  'Multiplexed TLS': '多路复用 TLS',
  'Accepts many connections in each TLS connection.': '在每个 TLS 连接中接受多个连接。',
  'Multiplexed WebSocket': '多路复用 WebSocket',
  'Accepts many connections in each WebSocket.': '在每个 WebSocket 中接受多个连接。',
  'Multiplexed WebSocket over TLS': '多路复用 WebSocket over TLS',
  'Accepts many connections in each WebSocket over TLS.': '在每个基于 TLS 的 WebSocket 中接受多个连接。',
  'HTTP/2': 'HTTP/2',
  'Accepts connections inside HTTP/2 over TLS.': '接受 TLS 上 HTTP/2 内的连接。',
  'Empty: clients use CONNECT. Else they GET this path.': '留空：客户端使用 CONNECT。否则对此路径用 GET。',
  'Added to the answer.': '加到应答中。',
  'HTTP/2 in clear text': '明文 HTTP/2',
  'Accepts connections inside HTTP/2 without TLS.': '接受不用 TLS 的 HTTP/2 内的连接。',
  gRPC: 'gRPC',
  'Accepts connections inside gRPC streams.': '接受 gRPC 流内的连接。',
  Method: '方法',
  'Path of the streaming call.': '流式调用的路径。',
  'Without TLS': '不用 TLS',
  'HTTP/2 in clear text.': '明文 HTTP/2。',
  'UDP port': 'UDP 端口',
  'Takes datagrams on a port of this machine.': '在本机端口上接收数据报。',
  'Keep clients': '保留客户端',
  'Accepted for GOST: here every answer reaches its client, with or without it.':
    '为 GOST 接受：在这里，无论有没有它，每个应答都会到达客户端。',
  'Idle limit of a client': '客户端空闲时限',
  'A client that sent and got nothing for this long is forgotten.': '这么久没有收发的客户端会被忘记。',
  'Waiting clients': '等待中的客户端',
  'New clients whose way out is still being made; more are dropped.':
    '出口仍在建立的新客户端；超出的会被丢弃。',
  clients: '客户端',
  'Read buffer': '读缓冲区',
  'Queue of a client': '每个客户端的队列',
  'Datagrams kept while the way out is being made.': '建立出口期间保留的数据报。',
  datagrams: '数据报',
  'Remote TCP port': '远程 TCP 端口',
  'Takes connections on a port at the far end of a chain.': '在链远端的端口上接受连接。',
  'Remote UDP port': '远程 UDP 端口',
  'Takes datagrams on a port at the far end of a chain.': '在链远端的端口上接收数据报。',
  'SOCKS5 proxy: TCP, UDP and remote ports, with or without user name and password, GOST extensions included.':
    'SOCKS5 代理：TCP、UDP 和远程端口，有无用户名和密码均可，含 GOST 扩展。',
  'Answer limit': '应答时限',
  'Time the proxy has for the whole exchange; 0 leaves it to the attempt.':
    '代理完成整个交互的时间；0 由整次尝试的时限决定。',
  'No negotiated TLS': '不协商 TLS',
  'Do not offer the TLS methods of GOST (0x80 and 0x82).': '不提供 GOST 的 TLS 方式（0x80 和 0x82）。',
  'Give up when the proxy does not agree to encrypt with one of the TLS methods of GOST.':
    '代理不同意用 GOST 的 TLS 方式加密时放弃。',
  'Require sign-in': '要求登录',
  'Give up when the proxy does not ask for the user name and password.': '代理不要求用户名和密码时放弃。',
  'UDP relay': 'UDP 转发方式',
  '"udp" sends datagrams beside the stream (UDP ASSOCIATE). Otherwise they travel inside it (GOST), where the proxy can do that.':
    '“udp”在连接旁边发送数据报（UDP ASSOCIATE）。否则在代理支持时于连接之内传送（GOST）。',
  'Accepted for GOST; datagrams are always carried whole.': '为 GOST 接受；数据报总是完整传送。',
  'UDP idle limit': 'UDP 空闲时限',
  'An association beside the stream without datagrams for this long is closed; 0 never closes one.':
    '连接旁的关联这么久没有数据报就关闭；0 从不关闭。',
  'The proxy is GOST v2 or has comp set: it does not say who connected to a remote port.':
    '该代理是 GOST v2 或设置了 comp：它不说明谁连上了远程端口。',
  'SOCKS4 or SOCKS4a proxy: TCP and BIND; the user name is sent as user id.':
    'SOCKS4 或 SOCKS4a 代理：TCP 和 BIND；用户名作为用户标识发送。',
  'Plain SOCKS4 only': '仅普通 SOCKS4',
  'Resolve names on this computer and send IPv4 addresses; for servers without SOCKS4a.':
    '在本机解析名称并发送 IPv4 地址；用于不支持 SOCKS4a 的服务器。',
  'HTTP CONNECT': 'HTTP CONNECT',
  'HTTP proxy: TCP through CONNECT, with or without user name and password.':
    'HTTP 代理：通过 CONNECT 的 TCP，有无用户名和密码均可。',
  'Time the proxy has to answer; 0 leaves it to the attempt.': '代理应答的时间；0 由整次尝试的时限决定。',
  Headers: '头字段',
  'Sent with every CONNECT request.': '随每个 CONNECT 请求发送。',
  'GOST relay protocol: TCP, UDP and remote forwarding.': 'GOST relay 协议：TCP、UDP 和远程转发。',
  'Time the proxy has to answer where an answer is waited for; 0 leaves it to the attempt.':
    '需要等待应答时代理应答的时间；0 由整次尝试的时限决定。',
  'The server has nodelay as well, or is Sockeye: its answer is waited for longer, so that failures are told.':
    '服务器也设置了 nodelay，或者是 Sockeye：会为其应答多等一会，以便说明失败。',
  'Reaches the proxy over plain TCP.': '通过普通 TCP 到达代理。',
  'Reaches the proxy over TLS 1.2 or 1.3 and checks its certificate.':
    '通过 TLS 1.2 或 1.3 到达代理，并检查其证书。',
  'Time for the TLS handshake': 'TLS 握手时限',
  'The proxy has this long to finish it. 0 leaves it to the limit of the whole attempt.':
    '代理完成握手的时间。0 由整次尝试的时限决定。',
  'Reaches the proxy through a WebSocket.': '通过 WebSocket 到达代理。',
  'Host header': 'Host 头',
  'Sent instead of the address of the node; also the TLS server name where none is set.':
    '代替节点地址发送；未设置 TLS 服务器名时也用作它。',
  'Path of the request.': '请求的路径。',
  'Request headers': '请求头',
  'Added to the request.': '加到请求中。',
  'Offers permessage-deflate.': '提供 permessage-deflate。',
  Ping: '心跳',
  'Sends pings and ends a connection that answers none.': '发送 ping，并结束不应答的连接。',
  'Ping interval': '心跳间隔',
  'How often a ping is sent.': '多久发送一次 ping。',
  'Reaches the proxy through a WebSocket over TLS.': '通过基于 TLS 的 WebSocket 到达代理。',
  'Reaches the proxy with many connections in one TCP connection.': '在一个 TCP 连接中以多个连接到达代理。',
  'Reaches the proxy with many connections in one TLS connection.': '在一个 TLS 连接中以多个连接到达代理。',
  'Reaches the proxy with many connections in one WebSocket.': '在一个 WebSocket 中以多个连接到达代理。',
  'Reaches the proxy with many connections in one WebSocket over TLS.':
    '在一个基于 TLS 的 WebSocket 中以多个连接到达代理。',
  'Reaches the proxy inside HTTP/2 over TLS.': '在 TLS 上的 HTTP/2 内到达代理。',
  Authority: 'Authority',
  'Sent instead of the address of the node.': '代替节点地址发送。',
  'Empty: CONNECT. Else GET on this path.': '留空：CONNECT。否则对此路径用 GET。',
  'Reaches the proxy inside HTTP/2 without TLS.': '在不用 TLS 的 HTTP/2 内到达代理。',
  'Reaches the proxy inside a gRPC stream.': '在 gRPC 流内到达代理。',
  'Sent instead of the name of the node.': '代替节点名称发送。',
};
