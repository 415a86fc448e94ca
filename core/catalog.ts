/**
 * THE list: every listener, handler, dialer and connector there is. To add a protocol, write its file and its test and add one
 * line here; validation, forms, docs and the conformance suites take it from this list. Read by config, host and docs only.
 */
import { httpConnector } from './connectors/http.ts';
import { relayConnector } from './connectors/relay.ts';
import { socks4Connector } from './connectors/socks4.ts';
import { socks5Connector } from './connectors/socks5.ts';
import { grpcDialer, h2cDialer, h2Dialer } from './dialers/h2.ts';
import { mtcpDialer, mtlsDialer } from './dialers/mux.ts';
import { tcpDialer } from './dialers/tcp.ts';
import { tlsDialer } from './dialers/tls.ts';
import { mwsDialer, mwssDialer, wsDialer, wssDialer } from './dialers/ws.ts';
import { autoHandler } from './handlers/auto.ts';
import { forwardHandler, rtcpHandler, rudpHandler, tcpHandler, udpHandler } from './handlers/forward.ts';
import { httpHandler } from './handlers/http/index.ts';
import { relayHandler } from './handlers/relay.ts';
import { socks4Handler } from './handlers/socks4.ts';
import { socks5Handler } from './handlers/socks5/index.ts';
import { grpcListener, h2cListener, h2Listener } from './listeners/h2.ts';
import { mtcpListener, mtlsListener } from './listeners/mux.ts';
import { rtcpListener } from './listeners/rtcp.ts';
import { tcpListener } from './listeners/tcp.ts';
import { tlsListener } from './listeners/tls.ts';
import { rudpListener, udpListener } from './listeners/udp.ts';
import { mwsListener, mwssListener, wsListener, wssListener } from './listeners/ws.ts';

export const catalog = {
  listeners: [
    tcpListener,
    tlsListener,
    wsListener,
    wssListener,
    mtcpListener,
    mtlsListener,
    mwsListener,
    mwssListener,
    h2Listener,
    h2cListener,
    grpcListener,
    udpListener,
    rtcpListener,
    rudpListener,
  ],
  handlers: [
    autoHandler,
    socks5Handler,
    socks4Handler,
    httpHandler,
    relayHandler,
    tcpHandler,
    udpHandler,
    rtcpHandler,
    rudpHandler,
    forwardHandler,
  ],
  dialers: [
    tcpDialer,
    tlsDialer,
    wsDialer,
    wssDialer,
    mtcpDialer,
    mtlsDialer,
    mwsDialer,
    mwssDialer,
    h2Dialer,
    h2cDialer,
    grpcDialer,
  ],
  connectors: [socks5Connector, socks4Connector, httpConnector, relayConnector],
} as const;
