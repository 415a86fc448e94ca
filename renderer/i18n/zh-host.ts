/**
 * What the host says, in Chinese, by the host's own English templates: titles and descriptions of
 * options, findings, problems, names of steps. scripts/host-sentences.test.ts sees to it that none is missing and none is left over.
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
  'Keep clients apart': '区分客户端',
  'Sign in with a made-up user name for each client (the user who signed in here, else its address), another one after every start. Tor gives each its own circuits.':
    '为每个客户端（在此登录的用户，否则按其地址）用随机生成的用户名登录，每次启动后都会更换。Tor 会为它们分别使用各自的线路。',
  '{0} makes up user names and has one as well: remove isolate or connector.auth.':
    '{0} 既要随机生成用户名，又有自己的用户名：请去掉 isolate 或 connector.auth。',
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
  'HTTP proxy: TCP through CONNECT, with or without user name and password; UDP where the proxy is GOST or Sockeye.':
    'HTTP 代理：通过 CONNECT 承载 TCP，可用用户名和密码，也可不用；对端为 GOST 或 Sockeye 时还可承载 UDP。',
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
  'Reaches the proxy inside HTTP/2 without TLS.': '在不用 TLS 的 HTTP/2 内到达代理。',
  'Reaches the proxy inside a gRPC stream.': '在 gRPC 流内到达代理。',
  'Sent instead of the name of the node.': '代替节点名称发送。',
  'Look up names': '查询名称',
  'Answer the questions for names and addresses that Tor added to SOCKS5: RESOLVE and RESOLVE_PTR.':
    '回答 Tor 为 SOCKS5 增加的名称和地址查询：RESOLVE 和 RESOLVE_PTR。',
  'It names the file {0}. The import does not open it; once this runs, Sockeye reads it.':
    '其中指明了文件 {0}。导入时不会打开它；运行后 Sockeye 会读取它。',
  'Do not run without users: a service whose auth or auther is lost must not let everybody in.':
    '没有用户就不要运行：失去 auth 或 auther 的服务不得放任何人进来。',
  'Empty: streams are opened by CONNECT. Else by GET on this path.':
    '留空：流用 CONNECT 打开。否则对此路径用 GET。',
  'Headers of the answer': '应答的头',
  'Headers of the request': '请求的头',
  'it did not answer within {0} s.': '它在 {0} 秒内没有应答。',
  '{0} did not connect to it within {1} s.': '{0} 在 {1} 秒内没有连上它。',
  'it only carries TCP.': '它只承载 TCP。',
  'no answer about {0} within {1} s.': '{1} 秒内没有得到关于 {0} 的应答。',
  'no answer within {0} s.': '{0} 秒内没有应答。',
  '{0} within {1} s.': '{0}，在 {1} 秒内。',
  '{0} could be read by others on this computer; it is private now.':
    '{0} 可被这台电脑上的其他人读取；现在已设为私有。',
  '{0} should hold keys such as `{1}: …`.': '{0} 应该包含如 `{1}: …` 的键。',
  '{0} should be {1}.': '{0} 应该是{1}。',
  '{0}: GOST reads a bare {1} here as {2} nanoseconds, and so does Sockeye. Write a unit.':
    '{0}：GOST 把这里单独的 {1} 读作 {2} 纳秒，Sockeye 也是。请写上单位。',
  '{0} should be a list: each item begins with a dash.': '{0} 应该是列表：每一项以短横开头。',
  '{0} is empty.': '{0} 是空的。',
  '{0} has no effect in {1}, in GOST neither; it belongs to {2}.':
    '{0} 在 {1} 中没有作用，在 GOST 中也没有；它属于 {2}。',
  '{0} has no effect in {1}, in GOST neither; options stand below metadata.':
    '{0} 在 {1} 中没有作用，在 GOST 中也没有；选项应放在 metadata 下。',
  'GOST has no key {0} in {1}; it has no effect.': 'GOST 的 {1} 中没有键 {0}；它没有作用。',
  '{0} is the port of {1} already. Give one of them another port.':
    '{0} 已经是 {1} 的端口。请为其中一个换端口。',
  'The chain {0} leads back to {1} itself, so connections would go round in circles.':
    '代理链 {0} 又回到 {1} 自己，连接会一直兜圈子。',
  '{0} requires clients to sign in but has no users. Add handler.auth or an auther.':
    '{0} 要求客户端登录却没有用户。请添加 handler.auth 或 auther。',
  '{0} requires TLS inside of SOCKS5 and offers none: remove requireTls or notls.':
    '{0} 要求在 SOCKS5 内使用 TLS 却不提供：请去掉 requireTls 或 notls。',
  '{0} can use {1} without a password. Listen on 127.0.0.1, or add handler.auth.':
    '{0}无需密码就能使用 {1}。请监听 127.0.0.1，或添加 handler.auth。',
  'SOCKS4 has no passwords: only clients whose user id is listed without a password are let in.':
    'SOCKS4 没有密码：只放行用户标识列出且没有密码的客户端。',
  'UDP of {0} may stop at hop {1} of {2}: {3} speaks {4}, in which only GOST and Sockeye carry UDP, with udp=true there.':
    '{0} 的 UDP 可能在 {2} 的第 {1} 跳中断：{3} 使用 {4}，其中只有 GOST 和 Sockeye 能承载 UDP，且对端须设置 udp=true。',
  'UDP of {0} stops at hop {1} of {2}: {3} speaks {4}, and GOST would send datagrams around it. Without relay: udp at {5} they travel inside the stream, where that proxy is GOST or Sockeye.':
    '{0} 的 UDP 止于 {2} 的第 {1} 跳：{3} 使用 {4}，而 GOST 会让数据报绕过它。去掉 {5} 的 relay: udp，数据报就走在连接之内，前提是该代理为 GOST 或 Sockeye。',
  'UDP of {0} stops at hop {1} of {2}: {3} speaks {4}, which carries no UDP.':
    '{0} 的 UDP 止于 {2} 的第 {1} 跳：{3} 使用 {4}，不承载 UDP。',
  'SOCKS4 has no passwords: only the user name is sent.': 'SOCKS4 没有密码：只发送用户名。',
  'The password for {0} travels readable unless the proxy agrees to encrypt. Use dialer.type: tls where the proxy offers it.':
    '除非代理同意加密，{0} 的密码会以明文传输。代理支持时请使用 dialer.type: tls。',
  'The password for {0} travels readable to {1}. Use dialer.type: tls where the proxy offers it.':
    '{0} 的密码以明文传到 {1}。代理支持时请使用 dialer.type: tls。',
  'This is not a configuration: it should begin with a key such as `services:`.':
    '这不是配置：它应该以 `services:` 这样的键开头。',
  'It is a shell command. Sockeye never runs commands from a configuration.':
    '这是一条 shell 命令。Sockeye 从不执行配置中的命令。',
  'Sockeye does not look inside of traffic.': 'Sockeye 不查看流量内容。',
  'Sockeye does not open encrypted traffic.': 'Sockeye 不解开加密流量。',
  'Sockeye counts by itself.': 'Sockeye 自己统计。',
  'Limits hold from the first byte and need no refreshing.': '限制从第一个字节起生效，无需刷新。',
  'The hash selector uses the client address, always.': 'hash 选择器总是使用客户端地址。',
  'Every client signs in.': '每个客户端都要登录。',
  'Sockeye does not speak the PROXY protocol.': 'Sockeye 不支持 PROXY 协议。',
  'Sockeye lets the system choose the way out.': 'Sockeye 让系统选择出口。',
  'Sockeye opens plain TCP sockets.': 'Sockeye 打开普通 TCP 套接字。',
  'A service that names a chain uses it.': '指定了代理链的服务就会使用它。',
  'It is an option of GOST v2 that keeps somebody out; v3 ignores it. Import the line as v2, or write an auther, admission or bypass.':
    '这是 GOST v2 用来阻挡他人的选项；v3 忽略它。请按 v2 导入这一行，或写一个 auther、admission 或 bypass。',
  'It is an option of GOST v2, which v3 ignores. Import the line as v2.':
    '这是 GOST v2 的选项，v3 忽略它。请按 v2 导入这一行。',
  'It needs a virtual network adapter, which Sockeye does not make.': '它需要虚拟网卡，Sockeye 不创建。',
  'It needs traffic redirected by the system, which Sockeye does not set up.':
    '它需要系统重定向的流量，Sockeye 不做这种设置。',
  'Sockeye listens on and connects to network addresses only.': 'Sockeye 只监听和连接网络地址。',
  'It needs raw sockets and administrator rights.': '它需要原始套接字和管理员权限。',
  'Sockeye has no such web service.': 'Sockeye 没有这种网络服务。',
  '`auth` should be user:password in Base64; it is not.': '`auth` 应该是 Base64 编码的 用户:密码；它不是。',
  'GOST does not know socks5h and would speak HTTP here. Sockeye speaks SOCKS5; names are resolved at the far end either way.':
    'GOST 不认识 socks5h，在这里会使用 HTTP。Sockeye 使用 SOCKS5；名称总是在远端解析。',
  '"{0}" is not a range of at most {1} ports.': '“{0}”不是最多 {1} 个端口的范围。',
  'This is not a URL that can be read: {0}.': '这不是可读的 URL：{0}。',
  'This is a file of GOST v2. It is read as the v3 configuration that does the same; save that to edit it.':
    '这是 GOST v2 的文件。它按作用相同的 v3 配置读取；保存后即可编辑。',
  'whitelist, blacklist: What they say about TCP holds for datagrams here as well; GOST v2 does not look at where those go.':
    'whitelist、blacklist：其中对 TCP 的规定在这里也适用于数据报；GOST v2 不看数据报发往哪里。',
  'whitelist, blacklist: GOST v2 grants UDP for some addresses only, which v3 can not say: UDP is off.':
    'whitelist、blacklist：GOST v2 只对部分地址准许 UDP，v3 无法表达，因此 UDP 已关闭。',
  'whitelist, blacklist: GOST v2 grants some remote ports only, which v3 can not say: none are opened.':
    'whitelist、blacklist：GOST v2 只准许部分远程端口，v3 无法表达，因此一个也不开放。',
  'whitelist, blacklist: A relay service of v3 has the same rules for TCP and UDP; here they differ. Write a bypass instead.':
    'whitelist、blacklist：v3 的 relay 服务对 TCP 和 UDP 使用同样的规则；这里两者不同。请改写为 bypass。',
  '{0}: "{1}" can not be kept. A rule is COMMANDS:NAMES:PORTS, such as tcp:*.example.com:80,443, with no wildcard but the asterisk.':
    '{0}：“{1}”无法保留。规则的写法是 命令:名称:端口，例如 tcp:*.example.com:80,443，通配符只有星号。',
  'whitelist, blacklist: GOST v2 looks at them only in services whose clients choose the target.':
    'whitelist、blacklist：只有在由客户端选择目标的服务中，GOST v2 才会看它们。',
  'v2 derives the key from this text and v3 does not; the two can not talk.':
    'v2 由此文本派生密钥而 v3 不会；两者无法互通。',
  'The KCP settings are in another file, which is not read. Write them as kcp.* options.':
    'KCP 设置在另一个不会读取的文件中。请写成 kcp.* 选项。',
  'Sockeye does not choose the fastest proxies; they take turns.': 'Sockeye 不挑最快的代理；它们轮流使用。',
  'agent: It is told to proxies only, not by services.': 'agent：只告诉代理，服务不用它。',
  'v3 has no such switch.': 'v3 没有这个开关。',
  'Sockeye has no SSH server.': 'Sockeye 没有 SSH 服务器。',
  'obfs4 exists neither in GOST v3 nor in Sockeye.': 'GOST v3 和 Sockeye 都没有 obfs4。',
  '{0} has no address behind it.': '{0} 后面没有地址。',
  'The file named by -C is not opened: an import reads only what it is given. Drop that file here too.':
    '-C 指定的文件不会打开：导入只读取交给它的内容。请把那个文件也拖到这里。',
  '-{0} is left out: the system chooses the way out, and Sockeye sets no socket marks.':
    '-{0} 被略去：由系统选择出口，Sockeye 不设置套接字标记。',
  '-{0} concerns the GOST program itself and has no effect here.':
    '-{0} 只与 GOST 程序本身有关，在这里没有作用。',
  '{0} is no key of GOST and is left out.': '{0} 不是 GOST 的键，已略去。',
  '{0} is no option of GOST and is left out.': '{0} 不是 GOST 的选项，已略去。',
  'The chain {0} goes through {1} hops one behind the other; in a list of addresses they stand side by side.':
    '代理链 {0} 依次经过 {1} 跳；在地址列表中它们是并列的。',
  'Services are not in a list of addresses: it holds proxies only.': '地址列表中没有服务：它只包含代理。',
  'There is no proxy to list.': '没有可列出的代理。',
  'A command line can not hold {0}; what names them goes without.':
    '命令行无法包含 {0}；引用它的内容将不带它。',
  'There is nothing that a command line could say.': '没有命令行可以表达的内容。',
  'The hop {0} chooses among proxies that are reached in different ways; the line has only those like {1}.':
    '这一跳 {0} 在到达方式不同的代理中选择；命令行只包含与 {1} 相同的。',
  '{0} › {1} can not be said in an address and is left out.': '{0} › {1} 无法写进地址，已略去。',
  '{0} › connector › tls can not be said in an address and is left out.':
    '{0} › connector › tls 无法写进地址，已略去。',
  'A command line takes one {0}; of {1} only the first is in it.':
    '命令行只接受一个 {0}；{1} 中只包含第一个。',
  '{0} › {1} › {2} can not be said in an address and is left out.': '{0} › {1} › {2} 无法写进地址，已略去。',
  'There is nothing in it.': '里面什么都没有。',
  'It is larger than 1 MiB.': '它大于 1 MiB。',
  'It is not a text file. Sockeye reads YAML, JSON and lists of addresses.':
    '它不是文本文件。Sockeye 读取 YAML、JSON 和地址列表。',
  'It holds no configuration: only comments or blank lines.': '它不含配置：只有注释或空行。',
  'The text holds {0} YAML documents. GOST reads only the first; here all of them are offered.':
    '文本含有 {0} 个 YAML 文档。GOST 只读第一个；这里全部提供。',
  'Port {0} belongs to your service {1}; only one of the two can run.':
    '端口 {0} 属于你的服务 {1}；两者只能运行一个。',
  '{0} The line is left out.': '{0} 这一行被略去。',
  'there is no such file.': '没有这个文件。',
  'this user may not read it.': '当前用户无权读取。',
  'The URL names {0} proxies; this is the first of them.': '该 URL 列出 {0} 个代理；这是其中第一个。',
  'The file is larger than 1 MiB.': '文件大于 1 MiB。',
  'A second YAML document begins here; one file holds one configuration. Remove the `---` or split the file.':
    '这里开始了第二个 YAML 文档；一个文件只放一份配置。请删除 `---` 或拆分文件。',
  'Values are nested more than {0} deep here.': '这里的值嵌套超过 {0} 层。',
  'Tags of your own (`!name`) are not allowed in a configuration. Remove the tag.':
    '配置中不允许自定义标签（`!name`）。请删除标签。',
  'A tab is used to indent here. YAML allows only spaces; replace the tab.':
    '这里用制表符缩进。YAML 只允许空格；请替换制表符。',
  'This line is indented differently from the lines it belongs to.': '这一行的缩进与它所属的行不同。',
  'A key is missing its colon here.': '这里的键缺少冒号。',
  'This line is neither `key: value` nor a list item.': '这一行既不是 `key: value` 也不是列表项。',
  'There are more than {0} aliases (`*name`).': '别名（`*name`）超过 {0} 个。',
  'The alias *{0} names no anchor above it.': '别名 *{0} 之前没有对应的锚点。',
  'The key {0} is given twice in the same place{1}. Keep one of them.':
    '键 {0} 在同一处出现两次{1}。请保留一个。',
  'A key must be a single word here, not a list or a map.': '这里的键必须是一个词，不能是列表或映射。',
  'The file means too many values once its aliases are followed.': '展开别名后，文件包含的值太多。',
  'The chain {0} has no hop. GOST would connect directly; Sockeye does not use it.':
    '代理链 {0} 没有跳。GOST 会直接连接；Sockeye 不使用它。',
  '{0}, so chains with it do not run.': '{0}，因此含有它的代理链不会运行。',
  '{0} has to encrypt inside of SOCKS5 and may not: remove requireTls or notls.':
    '{0} 必须在 SOCKS5 内加密却不被允许：请去掉 requireTls 或 notls。',
  '{0} has to sign in but has no user. Add connector.auth.':
    '{0} 必须登录却没有用户。请添加 connector.auth。',
  '{0} holds for the TLS that the proxy agrees on inside of SOCKS5, because the {1} dialer encrypts nothing; GOST would not look at it.':
    '{0} 适用于代理在 SOCKS5 内同意的 TLS，因为 {1} 拨号器不加密；GOST 不会看它。',
  '{0} has no address. Write addr: host:port.': '{0} 没有地址。请写 addr: 主机:端口。',
  '"{0}" is not an address; write it as host:port, IPv6 in brackets.':
    '“{0}”不是地址；请写成 主机:端口，IPv6 用方括号。',
  'Sockeye has no strategy {0}; the proxies take turns (round).':
    'Sockeye 没有策略 {0}；代理轮流使用（round）。',
  'There is no strategy {0}, in GOST neither; the proxies take turns (round).':
    '没有策略 {0}，GOST 中也没有；代理轮流使用（round）。',
  'GOST takes {0} without a unit for no limit at all; Sockeye reads bytes per second. Write {1}B.':
    'GOST 把不带单位的 {0} 当作没有限制；Sockeye 读作每秒字节数。请写 {1}B。',
  '{0} has no name, so nothing can refer to it.': '{0} 没有名称，因此无法被引用。',
  'The name {0} is taken already; only the first one counts. Rename one of them.':
    '名称 {0} 已被使用；只有第一个有效。请为其中一个改名。',
  '`reverse` is the old name of `whitelist`; both mean the same.':
    '`reverse` 是 `whitelist` 的旧名；含义相同。',
  'The auther {0} lists no user, so nobody can sign in with it.':
    'auther {0} 没有用户，因此没有人能用它登录。',
  '{0} has a password without a user name; GOST would ask nobody for it. Add a username.':
    '{0} 有密码却没有用户名；GOST 会因此不询问任何人。请添加用户名。',
  '{0} is not an IP address, so this line has no effect.': '{0} 不是 IP 地址，因此这一行没有作用。',
  'This mapping names no host, so it has no effect.': '此映射没有写主机，因此没有作用。',
  'The resolver {0} has no usable name server; without one its users could resolve nothing.':
    '解析器 {0} 没有可用的名称服务器；没有它，使用者什么也解析不了。',
  '`{0}` is ipv4 or ipv6; "{1}" has no effect.': '`{0}` 是 ipv4 或 ipv6；“{1}”没有作用。',
  '"{0}" is no name server, so it is left out. Write udp://, tcp:// or tls:// with host:port, or an https:// address.':
    '“{0}”不是名称服务器，已略去。请写带 主机:端口 的 udp://、tcp:// 或 tls://，或 https:// 地址。',
  '"{0}" is no log level; info is used.': '“{0}”不是日志级别；使用 info。',
  'Sockeye logs to stderr and to its window; redirect stderr to keep a file.':
    'Sockeye 把日志写到 stderr 和窗口；要保存文件请重定向 stderr。',
  'Sockeye logs one JSON object per line.': 'Sockeye 每行记录一个 JSON 对象。',
  'Sockeye writes no log files.': 'Sockeye 不写日志文件。',
  '{0}: {1} is out of range: {2}.': '{0}：{1} 超出范围：{2}。',
  'GOST does not look inside of {0}; write the options flat, such as `{1}: …`.':
    'GOST 不会查看 {0} 内部；请平铺写选项，如 `{1}: …`。',
  '{0} has no option {1} here; it runs without it.': '{0} 在这里没有选项 {1}；将不带它运行。',
  'Neither GOST nor Sockeye knows an option {0}; it has no effect.':
    'GOST 和 Sockeye 都没有选项 {0}；它没有作用。',
  'GOST takes {0}: {1} for false, and so does Sockeye; only true and false are understood.':
    'GOST 把 {0}: {1} 当作 false，Sockeye 也是；只认 true 和 false。',
  '{0} should be {1}; the default is used.': '{0} 应该是{1}；使用默认值。',
  'This service has no name; it is called {0} here.': '此服务没有名称；这里称它为 {0}。',
  'The name {0} is taken by another service. Rename one of them.':
    '名称 {0} 已被另一个服务使用。请为其中一个改名。',
  'A {0} service needs a target. Add forwarder.nodes with an addr.':
    '{0} 服务需要目标。请添加带 addr 的 forwarder.nodes。',
  '{0} is a shell command. Sockeye never runs commands from a configuration.':
    '{0} 是 shell 命令。Sockeye 从不执行配置中的命令。',
  '{0} does not say where to listen. Write addr: 127.0.0.1:1080.':
    '{0} 没有写明监听地址。请写 addr: 127.0.0.1:1080。',
  '"{0}" is a range of ports, which only -L understands; write one service per port.':
    '“{0}”是端口范围，只有 -L 能理解；请为每个端口写一个服务。',
  '"{0}" is not an address to listen on; write it as host:port, or :port for every network.':
    '“{0}”不是可监听的地址；请写成 主机:端口，或 :端口 表示所有网络。',
  'The user below auth does not count, because {0} is named; add the user there.':
    'auth 下的用户不起作用，因为指定了 {0}；请把用户加到那里。',
  'The user {0} has no password. GOST would accept any password; Sockeye accepts only an empty one.':
    '用户 {0} 没有密码。GOST 会接受任何密码；Sockeye 只接受空密码。',
  'GOST looks at listener.chain for rtcp and rudp only and would connect directly here; Sockeye uses {0} for this service. It belongs to handler.chain.':
    'GOST 只在 rtcp 和 rudp 时看 listener.chain，在这里会直接连接；Sockeye 让此服务使用 {0}。它应写在 handler.chain。',
  'There is no hop {0} in hops.': 'hops 中没有跳 {0}。',
  'limiter.scope is service or conn; "{0}" has no effect, and all of the limiter holds.':
    'limiter.scope 是 service 或 conn；“{0}”没有作用，整个限制都有效。',
  'The certificate of this proxy is checked; GOST would not. If it is self-signed, set caFile, or `secure: false` to trust anybody.':
    '此代理的证书会被检查；GOST 不会。如果它是自签名的，请设置 caFile，或用 `secure: false` 信任任何人。',
  'The certificate of this proxy is not checked: somebody on the way can read and change everything.':
    '此代理的证书不被检查：路上的人可以读取和修改一切。',
  '{0} needs certFile and keyFile together; {1} is missing.':
    '{0} 需要同时有 certFile 和 keyFile；缺少 {1}。',
  '"{0}" is no TLS version. Write VersionTLS12 or VersionTLS13.':
    '“{0}”不是 TLS 版本。请写 VersionTLS12 或 VersionTLS13。',
  '{0} is broken and not offered; TLS 1.2 is the oldest that Sockeye speaks.':
    '{0} 已被攻破，不再提供；Sockeye 最低使用 TLS 1.2。',
  '{0}: the {1} {2} can not be used, so this can not run without harm.':
    '{0}：{1} {2} 无法使用，因此这样运行会有害。',
  'Sockeye lets the system choose the outgoing interface.': 'Sockeye 让系统选择出口网卡。',
  'Sockeye sets no socket marks.': 'Sockeye 不设置套接字标记。',
  'Sockeye has no plugins, so {0} would come from nowhere.': 'Sockeye 没有插件，因此 {0} 会无从得来。',
  'Sockeye does not read {0} from Redis.': 'Sockeye 不从 Redis 读取 {0}。',
  'Sockeye does not fetch {0} from the web.': 'Sockeye 不从网络获取 {0}。',
  'bypass: GOST v2 takes no notice of ~ before the name of a file; what counts is a line `reverse true` in it.':
    'bypass：GOST v2 不理会文件名前的 ~；起作用的是文件中的 `reverse true` 行。',
  '{0}: "{1}" has lines that only GOST v2 understands, so what it lists was copied into the configuration; later changes of the file are not seen.':
    '{0}：“{1}”含有只有 GOST v2 才懂的行，因此其内容已复制到配置中；此后对该文件的修改不会生效。',
  '{0}: "{1}" is another file, which can not be read. Write what it lists into the configuration.':
    '{0}：“{1}”是另一个文件，无法读取。请把其内容写入配置。',
  'The nodes of {0} are read when this configuration is read, not by themselves; load it again after a change.':
    '{0} 中的节点随此配置一起读取，不会自动重读；修改后请重新加载配置。',
  'The file {0} is not a list of nodes in JSON. {1}.': '文件 {0} 不是 JSON 节点列表。{1}。',
  'Resolve names here': '在本机解析名称',
  'Look up the names of UDP targets on this computer before they go into a chain. Off: the last hop does, and nobody else hears them.':
    'UDP 目标的名称在进入链之前先在本机查询。关闭时由最后一跳查询，别人不会得知。',
  'dns: GOST v2 asks a server whose protocol ends in -chain through the proxies of the route. Name the chain as `chain` of that name server.':
    'dns：协议以 -chain 结尾的服务器，GOST v2 会经由该路由的代理查询。请在该域名服务器的 `chain` 中写明链的名称。',
  'Sockeye counts by itself and reports to no observer.': 'Sockeye 自己统计，不向观察者报告。',
  'Sockeye has no chain groups; name one chain with `chain`.':
    'Sockeye 没有链组；请用 `chain` 指定一条代理链。',
  'Sockeye has no tunnel entry points, so ingress rules have no effect.':
    'Sockeye 没有隧道入口，因此 ingress 规则没有作用。',
  'Sockeye has no routing tables, so routers have no effect.': 'Sockeye 没有路由表，因此 routers 没有作用。',
  'Sockeye has no service discovery.': 'Sockeye 没有服务发现。',
  'Sockeye records no traffic.': 'Sockeye 不录制流量。',
  'Sockeye never changes what passes through.': 'Sockeye 从不改动经过的内容。',
  'Sockeye has no volume quotas; a service that names one says so itself.':
    'Sockeye 没有流量配额；引用它的服务会自己说明。',
  'Sockeye caches no pages.': 'Sockeye 不缓存网页。',
  'Sockeye has one log; named loggers have no effect.': 'Sockeye 只有一个日志；命名的 logger 没有作用。',
  'Sockeye opens no profiling port.': 'Sockeye 不打开性能分析端口。',
  "Sockeye does not open GOST's control API. Use its window, or --ui.":
    'Sockeye 不打开 GOST 的控制 API。请使用它的窗口或 --ui。',
  'Sockeye opens no metrics port.': 'Sockeye 不打开指标端口。',
  'Sockeye has no volume quotas: the service runs without a limit on volume.':
    'Sockeye 没有流量配额：服务运行时没有总量限制。',
  'Sockeye has one log for everything.': 'Sockeye 只有一个日志。',
  'It is what GOST reported once, not a setting.': '这是 GOST 曾经报告的内容，不是设置。',
  'GOST asks a limiter plugin with it and nobody else, so it has no effect; name the limiter at the service.':
    'GOST 只用它询问限制插件，因此没有作用；请在服务处指定限制。',
  'Listeners ask nobody for a password; put it under handler.': '监听器不询问密码；请放在 handler 下。',
  'GOST keeps it only for old files.': 'GOST 只为旧文件保留它。',
  'Sockeye has no hop groups; name one hop with `hop`.': 'Sockeye 没有跳组；请用 `hop` 指定一跳。',
  'The target is reached as the listener was: TCP or UDP.': '目标以监听的方式到达：TCP 或 UDP。',
  'Bypasses of single targets are not looked at.': '不看单个目标的 bypass。',
  'Sockeye does not choose a target by what is inside the traffic.': 'Sockeye 不根据流量内容选择目标。',
  'Sockeye asks for no password in front of a target.': 'Sockeye 不在目标之前询问密码。',
  'Sockeye does not encrypt towards a target by itself.': 'Sockeye 不会自行对目标加密。',
  'Targets are not probed; failures are noticed when they happen.': '不探测目标；失败在发生时察觉。',
  'The dialer decides how the proxy is reached.': '由拨号器决定如何到达代理。',
  'Sockeye does not change network namespaces.': 'Sockeye 不切换网络命名空间。',
  'Sockeye does not choose a proxy by what is inside the traffic.': 'Sockeye 不根据流量内容选择代理。',
  'Sockeye does not choose a proxy by matching rules; use bypasses.':
    'Sockeye 不按匹配规则选择代理；请使用 bypass。',
  'It concerns forwarding of web requests only.': '它只与网页请求的转发有关。',
  'It concerns forwarding of web requests only; put it under dialer or connector.':
    '它只与网页请求的转发有关；请放在 dialer 或 connector 下。',
  'Proxies are not probed on a timer; failures are noticed when they happen.':
    '不定时探测代理；失败在发生时察觉。',
  'Proxies are not left out for being slow.': '不会因为慢而排除代理。',
  'Certificates made by Sockeye have its own lifetime.': 'Sockeye 生成的证书有自己的有效期。',
  'Certificates made by Sockeye carry its own name.': 'Sockeye 生成的证书带有自己的名称。',
  'Any server name is answered.': '任何服务器名都会得到应答。',
  '{0} belongs to TLS 1.3, whose suites are not chosen, in GOST neither.':
    '{0} 属于 TLS 1.3，其套件不可选择，GOST 也一样。',
  'Sockeye has no cipher suite {0}; it is not offered.': 'Sockeye 没有密码套件 {0}，不会提供。',
  'it takes none of the cipher suites or parameters that were offered.':
    '对方不接受所提供的任何密码套件或参数。',
  'both sides have no cipher suite in common.': '双方没有共同的密码套件。',
  'None of these cipher suites can be offered.': '这些密码套件都无法提供。',
  'The rules hold for TCP and UDP alike.': '规则对 TCP 和 UDP 同样有效。',
  'Answers are refreshed as they run out.': '应答在过期时刷新。',
  '{0} was written by a newer Sockeye. It is left as it is, and nothing is remembered this time.':
    '{0} 由更新版本的 Sockeye 写成。它保持不变，这次什么也不记住。',
  '{0} can not be read and was set aside as {1}.': '{0} 无法读取，已另存为 {1}。',
  'There is no good copy, so the configuration is empty.': '没有可用的副本，因此配置为空。',
  'The last good copy is used.': '使用最后一份可用的副本。',
  '{0} was removed. What runs keeps running; the next change writes it again.':
    '{0} 已被删除。正在运行的继续运行；下次更改会重新写入。',
  'The unreadable {0} was set aside as {1}.': '无法读取的 {0} 已另存为 {1}。',
  'it hung up.': '它挂断了。',
  'it said "{0}".': '它说“{0}”。',
  'it sent the bytes {0}.': '它发来字节 {0}。',
  'it wants a user name and password.': '它要求用户名和密码。',
  'it does not allow {0}.': '它不允许 {0}。',
  '"{0} {1}" for {2}.': '对 {2} 应答“{0} {1}”。',
  'it failed without saying why.': '它失败了，没有说明原因。',
  'it can not reach the network of {0}.': '它到不了 {0} 的网络。',
  'it can not reach {0}.': '它到不了 {0}。',
  'the connection to {0} expired on the way.': '到 {0} 的连接在途中过期。',
  'it does not offer {0}.': '它不提供 {0}。',
  'it can not handle the kind of address of {0}.': '它不支持 {0} 的地址类型。',
  'the unknown code {0}.': '未知代码 {0}。',
  'it can not or will not connect to {0}.': '它不能或不愿连接 {0}。',
  'UDP is off there.': '那里关闭了 UDP。',
  'it accepts none of the sign-in methods offered; it wants a user name and password.':
    '它不接受所提供的任何登录方式；它要求用户名和密码。',
  'it accepts none of the sign-in methods offered.': '它不接受所提供的任何登录方式。',
  'it chose the sign-in method {0}, which was not offered.': '它选择了没有提供的登录方式 {0}。',
  'it lets everybody in, but signing in is required.': '它让所有人进来，但要求登录。',
  'it chose not to encrypt, which it did before. Somebody may be in between. If it is meant so, set notls.':
    '它选择不加密，而以前会加密。中间可能有人。如果本意如此，请设置 notls。',
  'it granted UDP on port 0.': '它在端口 0 上批准了 UDP。',
  '`file:/var/www/index.html` (that file) or `host:192.168.1.1:80` (that server answers). Empty: the question.':
    '`file:/var/www/index.html`（该文件）或 `host:192.168.1.1:80`（由该服务器应答）。留空：登录询问。',
  'The way to the target failed.': '到目标的路径失败了。',
  'Other computers can reach the window. The link and what it shows travel unencrypted.':
    '其他电脑可以访问此窗口。链接及其显示的内容不加密传输。',
  'The traffic history is kept in memory until Sockeye ends.': '流量历史保存在内存中，直到 Sockeye 结束。',
  'The traffic history could not be read and was set aside as {0}.': '流量历史无法读取，已另存为 {0}。',
  "{0} is linked but can not be used ({1}). Sockeye's own copy is used.":
    '{0} 已链接但无法使用（{1}）。使用 Sockeye 自己的副本。',
  'The configuration file was changed and can not be used as it is. What ran before still runs.':
    '配置文件被更改，且无法照原样使用。之前运行的仍在运行。',
  'The service "{0}" is not listening.': '服务“{0}”没有在监听。',
  'Everybody who reaches this computer can use the service "{0}".':
    '任何能访问这台电脑的人都可以使用服务“{0}”。',
  'It listens beyond this computer and asks for no password.': '它监听本机之外且不要求密码。',
  'This part of the configuration can not run.': '配置的这一部分无法运行。',
  'it accepts no sign-in method of this test.': '它不接受此测试的任何登录方式。',
  'it refused the test with code {0}.': '它以代码 {0} 拒绝了测试。',
  'it changed the bytes of the test.': '它改动了测试的字节。',
  'it changed the datagram of the test.': '它改动了测试的数据报。',
  'Sockeye was started with a configuration on the command line. What is changed here is kept until it ends.':
    'Sockeye 以命令行上的配置启动。这里的更改保留到它结束。',
  'A file of the command line has changed. What was edited in the window stays; SIGHUP takes the file over.':
    '命令行指定的文件已更改。窗口中的编辑保留；SIGHUP 会采用该文件。',
  'This is not the address of a proxy, such as socks5://host:1080.':
    '这不是代理地址，例如 socks5://host:1080。',
  'Send SIGHUP after a change.': '更改后请发送 SIGHUP。',
  'What was read before stays in force.': '之前读到的内容仍然有效。',
  'Added to the {0}.': '加到{0}中。',
  'its shared session has ended.': '它的共享会话已结束。',
  'it showed no certificate.': '它没有出示证书。',
  'its certificate is another one than before (SHA-256 {0} then, {1} now). ':
    '它的证书与之前不同（当时 SHA-256 {0}，现在 {1}）。 ',
  'if it makes one at every start, as GOST 2 does, set connector.tls.secure to false.':
    '如果它像 GOST 2 那样每次启动都生成证书，请把 connector.tls.secure 设为 false。',
  'its certificate is self-signed and not trusted.': '它的证书是自签名的，不受信任。',
  'its certificate comes from an authority that is not trusted.': '它的证书来自不受信任的机构。',
  'its certificate has expired.': '它的证书已过期。',
  'its certificate is not valid yet.': '它的证书尚未生效。',
  'its certificate is for another name.': '它的证书属于另一个名称。',
  'it does not speak TLS.': '它不支持 TLS。',
  'both sides have no TLS version in common.': '双方没有共同的 TLS 版本。',
  'it wants a client certificate.': '它要求客户端证书。',
  'it hung up during the handshake.': '它在握手时挂断。',
  'The address told to clients for UDP and for incoming connections, when the one they see is not it. A name is told for incoming connections only.':
    '告诉客户端用于 UDP 和入站连接的地址，当它们看到的地址不是它时使用。名称只用于入站连接。',
  '{0} is the same proxy as {1} of this chain.': '{0} 与此代理链的 {1} 是同一个代理。',
  '{0} is a private address: it is reached from hop {1} ({2}), in the network of that proxy.':
    '{0} 是私有地址：它从第 {1} 跳（{2}）到达，位于那个代理的网络中。',
  'Names are looked up from this computer before they go into {0}: who runs the name server sees them. Give the name server that chain, or leave the resolver out.':
    '名称在进入 {0} 之前从这台电脑查询：名称服务器的运营者会看到。请让名称服务器也走这条代理链，或去掉解析器。',
  'Names are resolved on this computer before {0} is asked: plain SOCKS4 knows addresses only.':
    '在询问 {0} 之前，名称在这台电脑上解析：普通 SOCKS4 只认地址。',
  'The name {0} is resolved on this computer, not by the hop before it.':
    '名称 {0} 在这台电脑上解析，而不是由它之前的一跳解析。',
  'publicAddr is the address told to clients; "{0}" is neither an IP address nor a name. It has no port.':
    'publicAddr 是告诉客户端的地址；“{0}”既不是 IP 地址也不是名称。它不带端口。',
  "{0} is Sockeye's own service {1}, from where the traffic would come back here.":
    '{0} 是 Sockeye 自己的服务 {1}，流量会从那里又回到这里。',
  'There is no hop named {0} to go through. Give it nodes, or define it under hops.':
    '没有名为 {0} 的跳可走。请给它节点，或在 hops 中定义它。',
  'Every hop of the chain {0} is skipped, so nothing can go through it. Nothing is sent around it either.':
    '代理链 {0} 的每一跳都被跳过，因此什么也无法经过它，也不会绕过它发送。',
  'The hop {0} is skipped: traffic goes past it. GOST would go through it.':
    '跳 {0} 被跳过：流量越过它。GOST 会经过它。',
  'Sockeye reads users of a file through an auther: authers[].file.path.':
    'Sockeye 通过 auther 读取文件中的用户：authers[].file.path。',
  'this HTTP proxy refused UDP, which GOST and Sockeye carry with udp=true.':
    '该 HTTP 代理拒绝了 UDP；GOST 和 Sockeye 在 udp=true 时可以承载。',
  'its relay service allows that with bind=true only.': '它的 relay 服务只有在 bind=true 时才允许。',
  '"{0}" sets no limit, in GOST neither.': '“{0}”不构成限制，在 GOST 中也不。',
  // labels of fixes, of buttons and of what can be undone
  'Write {0}': '写成 {0}',
  'Make it a list': '改成列表',
  'Move it to {0}': '移到 {0}',
  'Move it below metadata': '移到 metadata 下',
  'Rename it to {0}': '改名为 {0}',
  'Write {0}.type: {1}': '写成 {0}.type: {1}',
  'Listen on this computer only': '只在本机监听',
  'Use {0}': '使用 {0}',
  'Use the hop again': '重新使用此跳',
  'Move it to connector.tls': '移到 connector.tls',
  'Write :{0}': '写成 :{0}',
  'Write info': '写成 info',
  'Write them flat': '写成平铺形式',
  'Move it to handler.chain': '移到 handler.chain',
  'Do not check it': '不检查证书',
  'Check it': '检查证书',
  'Add a hop': '添加一跳',
  'Try again': '重试',
  'Show the service': '显示该服务',
  Show: '显示',
  'Show in the text': '在文本中显示',
  'Start a local SOCKS5 proxy': '启动本地 SOCKS5 代理',
  'Use port {0}': '使用端口 {0}',
  // where a problem is
  'node {0}': '节点 {0}',
  'service {0}': '服务 {0}',
  'the file': '文件',
  'the command line': '命令行',
  '{0}, line {1}': '{0}，第 {1} 行',
  'UDP check': 'UDP 检查',
};
