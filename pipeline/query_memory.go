package pipeline

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
)

// boundedMemory keeps two queries of one process from undoing each other's bound.
var boundedMemory sync.Mutex

// boundMemory lets the process take so many bytes more than it has now, until
// restore is called. An allocation beyond it fails inside the engine, which
// reports it as its own out-of-memory error. Where the system does not tell
// what the process has, there is no bound but the engine's.
func boundMemory(bytes uint64) (restore func()) {
	boundedMemory.Lock()
	var before syscall.Rlimit
	has, ok := dataBytes()
	if !ok || syscall.Getrlimit(syscall.RLIMIT_DATA, &before) != nil {
		return boundedMemory.Unlock
	}
	bound := before
	bound.Cur = min(before.Cur, has+bytes)
	if syscall.Setrlimit(syscall.RLIMIT_DATA, &bound) != nil {
		return boundedMemory.Unlock
	}
	return func() {
		// Raising a soft limit back to what it was cannot be refused.
		_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &before)
		boundedMemory.Unlock()
	}
}

// dataBytes is the private writable memory that the process has mapped, which
// is what RLIMIT_DATA counts.
func dataBytes() (uint64, bool) {
	status, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, false
	}
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmData:"); ok {
			var kib uint64
			_, err := fmt.Sscanf(rest, "%d kB", &kib)
			return kib << 10, err == nil
		}
	}
	return 0, false
}
