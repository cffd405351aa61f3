// What busybox cannot try from inside a container. Each prints what it got; the exit code is 0 where it worked.
package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("expected euid, raw, socket or memory"))
	}
	switch os.Args[1] {
	case "euid":
		// Run with the setuid bit of root: who it is in effect.
		fmt.Println(os.Geteuid())
		if os.Geteuid() != 0 {
			os.Exit(1)
		}
	case "raw":
		// A packet with any sender's address is written to such a socket.
		fd, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_RAW, 0x0300)
		if err != nil {
			fail(err)
		}
		syscall.Close(fd)
		fmt.Println("raw socket")
	case "socket":
		version(os.Args[2])
	case "memory":
		// Touches 256 MiB, page by page.
		block := make([]byte, 256<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		fmt.Println("256 MiB", block[4096])
	default:
		fail(fmt.Errorf("unknown attack %q", os.Args[1]))
	}
}

// Asks a Docker daemon at a socket for its containers.
func version(path string) {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		fail(err)
	}
	if err := syscall.Connect(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		fail(err)
	}
	if _, err := syscall.Write(fd, []byte("GET /containers/json HTTP/1.0\r\n\r\n")); err != nil {
		fail(err)
	}
	answer := make([]byte, 1024)
	n, err := syscall.Read(fd, answer)
	if err != nil {
		fail(err)
	}
	fmt.Println(strings.SplitN(string(answer[:n]), "\r\n", 2)[0])
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
