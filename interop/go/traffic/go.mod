module sockeye/traffic

go 1.24
