// Criwriter stands in for containerd and the kubelet's log manager: it runs one container process, writes what
// the process says as a CRI log file, and rotates that file in the kubelet's order.
//
// It is told things on its standard input, one word a line ("rotate"), and the end of that input means that the
// test is gone: the process is killed. It tells things on its standard output, one JSON object a line: see report.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A report is one line on standard output. Kind is one of: started, rotated, failed, exited.
type report struct {
	Kind string `json:"kind"`
	// Of the container process, not of criwriter.
	Pid int `json:"pid,omitempty"`
	// The name that the rotated file got.
	Path    string `json:"path,omitempty"`
	Message string `json:"message,omitempty"`
	// Exit code, or 128 + number of the signal, as a shell tells it.
	Code int `json:"code"`
	// Written and not written in all.
	Lines int64 `json:"lines"`
	Lost  int64 `json:"lost"`
}

func main() {
	path := flag.String("log", "", "log file, <ns>_<pod>_<uid>/<container>/<restart>.log")
	mode := flag.Uint("mode", 0o640, "mode of the log file")
	maxSize := flag.Int64("max-size", 10<<20, "bytes from which a file is rotated")
	maxFiles := flag.Int("max-files", 5, "files kept, the current one included")
	every := flag.Duration("check-every", 10*time.Second, "how often the size is looked at; 0: only when told to rotate")
	flag.Parse()
	code, err := run(flag.Args(), *path, os.FileMode(*mode), rotation{*maxSize, *maxFiles, *every})
	if err != nil {
		fmt.Fprintf(os.Stderr, "criwriter: %v\n", err)
		os.Exit(125)
	}
	os.Exit(code)
}

func run(argv []string, path string, mode os.FileMode, policy rotation) (int, error) {
	if len(argv) == 0 {
		return 0, errors.New("no program to run")
	}
	log, err := openLog(path, mode)
	if err != nil {
		return 0, err
	}
	// The parent death signal is tied to the thread that starts the child: this one must not end before it.
	runtime.LockOSThread()
	command := exec.Command(argv[0], argv[1:]...)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return 0, err
	}
	stderr, err := command.StderrPipe()
	if err != nil {
		return 0, err
	}
	if err := command.Start(); err != nil {
		return 0, fmt.Errorf("cannot start %s: %w", argv[0], err)
	}
	tell := createTeller()
	tell(report{Kind: "started", Pid: command.Process.Pid})

	forwardSignals(command.Process)
	rotateNow := make(chan struct{}, 1)
	go obey(command.Process, rotateNow)
	done := make(chan struct{})
	var rotating, streams sync.WaitGroup
	rotating.Go(func() { log.rotateOn(policy, rotateNow, done, tell) })

	var lines atomic.Int64
	streams.Go(func() { lines.Add(copyLines(log, stdout, "stdout")) })
	streams.Go(func() { lines.Add(copyLines(log, stderr, "stderr")) })
	streams.Wait()
	// Only now: Wait closes the pipes, and what is still in them would be lost.
	waited := command.Wait()
	// A rotation that has begun comes to its end, as the kubelet's does.
	close(done)
	rotating.Wait()
	code := toCode(command.ProcessState)
	message := ""
	if waited != nil {
		message = waited.Error()
	}
	tell(report{Kind: "exited", Code: code, Message: message, Lines: lines.Load(), Lost: log.lost.Load()})
	return code, nil
}

func createTeller() func(report) {
	var mutex sync.Mutex
	encoder := json.NewEncoder(os.Stdout)
	return func(told report) {
		mutex.Lock()
		defer mutex.Unlock()
		_ = encoder.Encode(told)
	}
}

func forwardSignals(process *os.Process) {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	// Whoever reads the reports may be gone before the last one is told.
	signal.Ignore(syscall.SIGPIPE)
	go func() {
		for received := range signals {
			_ = process.Signal(received)
		}
	}()
}

func obey(process *os.Process, rotateNow chan<- struct{}) {
	orders := bufio.NewScanner(os.Stdin)
	for orders.Scan() {
		if orders.Text() == "rotate" {
			rotateNow <- struct{}{}
		}
	}
	_ = process.Kill()
}

func toCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
