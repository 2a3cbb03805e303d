package main

import (
	"bytes"
	"io"
	"time"
)

// From this length a line is cut into pieces, containerd's max_container_log_line_size.
const maxLine = 16 << 10

// What a pipe holds, so that one read empties it, after the longest line whose end has not come yet.
const bufferSize = 64<<10 + maxLine

// copyLines wraps every line of a stream, with the time at which it was read, until the stream ends. All lines of
// one read go into the log with one write: containerd makes one for each, which a reader of the file cannot tell
// apart, at a fraction of the cost. It returns the number of lines; a line cut into pieces counts once.
func copyLines(log *logFile, stream io.Reader, name string) int64 {
	buffer := make([]byte, 0, bufferSize)
	var wrapped []byte
	var lines int64
	for {
		n, err := stream.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		wrapped = wrapped[:0]
		rest := buffer
		var pieces int64
		for {
			end := bytes.IndexByte(rest, '\n')
			if end < 0 && len(rest) <= maxLine {
				break
			}
			if end < 0 || end > maxLine {
				wrapped = appendLine(wrapped, name, 'P', rest[:maxLine])
				rest = rest[maxLine:]
				pieces++
				continue
			}
			wrapped = appendLine(wrapped, name, 'F', bytes.TrimSuffix(rest[:end], []byte{'\r'}))
			rest = rest[end+1:]
			lines++
			pieces++
		}
		if err != nil && len(rest) > 0 {
			// The stream ended within a line.
			wrapped = appendLine(wrapped, name, 'P', rest)
			lines++
			pieces++
			rest = nil
		}
		log.write(wrapped, pieces)
		if err != nil {
			return lines
		}
		buffer = buffer[:copy(buffer, rest)]
	}
}

func appendLine(wrapped []byte, stream string, tag byte, text []byte) []byte {
	wrapped = time.Now().AppendFormat(wrapped, time.RFC3339Nano)
	wrapped = append(wrapped, ' ')
	wrapped = append(wrapped, stream...)
	wrapped = append(wrapped, ' ', tag, ' ')
	wrapped = append(wrapped, text...)
	return append(wrapped, '\n')
}
