package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// A logFile is the current log of a container, whatever inode stands behind its name.
type logFile struct {
	path string
	mode os.FileMode
	// Lines that could not be written, because the disk is full.
	lost  atomic.Int64
	mutex sync.Mutex
	file  *os.File
}

func openLog(path string, mode os.FileMode) (*logFile, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	log := &logFile{path: path, mode: mode}
	return log, log.reopen()
}

// reopen is what the kubelet asks containerd for after it has renamed the file: until then lines go on into the
// renamed one.
func (log *logFile) reopen() error {
	file, err := os.OpenFile(log.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, log.mode)
	if err != nil {
		return fmt.Errorf("cannot open the log: %w", err)
	}
	log.mutex.Lock()
	old := log.file
	log.file = file
	log.mutex.Unlock()
	if old != nil {
		return old.Close()
	}
	return nil
}

// write never fails: a container must not stop because its log cannot be written. What is lost is counted.
func (log *logFile) write(wrapped []byte, lines int64) {
	if len(wrapped) == 0 {
		return
	}
	log.mutex.Lock()
	defer log.mutex.Unlock()
	if _, err := log.file.Write(wrapped); err != nil {
		log.lost.Add(lines)
	}
}
