module sockeye.local/smux-peer

go 1.21

require github.com/xtaci/smux v1.5.56
