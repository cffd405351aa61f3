module bulkhead.dev/toolchain/attack-probe

go 1.26.0
