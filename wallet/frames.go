package wallet

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"

	"github.com/kompetansebevis/bevis/reason"
)

// The body is compressed in frames of about a mebibyte, one behind the other,
// which is one file to every program that reads zstd. Frames that are full stay
// as they are when the log grows, so a change costs the last one alone; and
// they are unpacked at the same time.
const frameSize = 1 << 20

// frame is a full one of a body that was written or read.
type frame struct {
	lines  int    // how many lines end with it, from the beginning of the log
	last   []byte // the last of them, which by the chain stands for all
	packed []byte
}

// packLines compresses a log, of which it takes the beginning from frames as
// far as that is the same. It returns the body and its full frames.
func packLines(lines [][]byte, have []frame) ([]byte, []frame, error) {
	// The fastest level: more work would make the file one percent smaller.
	// Zero frames are for the program zstd, which takes nothing at all for a
	// file cut short.
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithZeroFrames(true), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, nil, reason.Wrap(reason.Internal, "", err)
	}
	defer w.Close()
	var full []frame
	done := 0
	for _, f := range have {
		if f.lines > len(lines) || !bytes.Equal(lines[f.lines-1], f.last) {
			break
		}
		full, done = append(full, f), f.lines
	}
	kept := len(full)
	size, from := 0, done
	for n := done; n < len(lines); n++ {
		if size += len(lines[n]) + 1; size >= frameSize {
			full = append(full, frame{lines: n + 1, last: lines[n]})
			size, from = 0, n+1
		}
	}
	each(len(full)-kept, func(i int) {
		f := &full[kept+i]
		begin := 0
		if kept+i > 0 {
			begin = full[kept+i-1].lines
		}
		f.packed = w.EncodeAll(joined(lines[begin:f.lines]), nil)
	})
	total := 0
	for _, f := range full {
		total += len(f.packed)
	}
	body := make([]byte, 0, total+size+1024)
	for _, f := range full {
		body = append(body, f.packed...)
	}
	if from < len(lines) || len(lines) == 0 {
		body = w.EncodeAll(joined(lines[from:]), body)
	}
	return body, full, nil
}

// joined returns the lines with an end of line behind each.
func joined(lines [][]byte) []byte {
	if len(lines) == 0 {
		return nil
	}
	return append(bytes.Join(lines, []byte{'\n'}), '\n')
}

// each has work done for 0 to n, on all processors.
func each(n int, work func(i int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	wait.Wait()
}

// rooms are memory that workers unpack frames into one after the other: what has
// just been used is nearer to the processor than what is new.
type rooms chan []byte

func newRooms() rooms {
	r := make(rooms, runtime.GOMAXPROCS(0))
	for range cap(r) {
		r <- nil
	}
	return r
}

// use lends out a room, which is empty, and takes back what became of it.
func (r rooms) use(work func(room []byte) []byte) {
	room := <-r
	r <- work(room[:0])
}

// span is a frame in a body, and how long it is unpacked.
type span struct {
	packed []byte
	size   int
}

// spans takes a body apart, as far as RFC 8878, section 3.1.1, says where a
// frame ends. It returns nothing for what it cannot take apart, such as frames
// that do not tell their size; the unpacker then has to.
func spans(packed []byte) (out []span, total int) {
	for len(packed) > 0 {
		var h zstd.Header
		if h.Decode(packed) != nil || h.Skippable || !h.HasFCS || h.FrameContentSize > maxBody {
			return nil, 0
		}
		end := h.HeaderSize
		for last := false; !last; {
			if len(packed)-end < 3 {
				return nil, 0
			}
			block := uint32(packed[end]) | uint32(binary.LittleEndian.Uint16(packed[end+1:]))<<8
			end += 3
			last = block&1 != 0
			if kind := block >> 1 & 3; kind == 1 { // one byte that is repeated
				end++
			} else {
				end += int(block >> 3)
			}
		}
		if h.HasCheckSum {
			end += 4
		}
		if total += int(h.FrameContentSize); end > len(packed) || total > maxBody {
			return nil, 0
		}
		out = append(out, span{packed[:end:end], int(h.FrameContentSize)})
		packed = packed[end:]
	}
	return out, total
}

// readLog reads the log of a compressed body, as splitLog does: each frame is
// read by whoever has unpacked it, while it is near to the processor.
func readLog(packed []byte, wallet, head string) ([][]byte, []event, error) {
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithDecoderMaxMemory(maxBody))
	if err != nil {
		return nil, nil, reason.Wrap(reason.Internal, "", err)
	}
	defer r.Close()
	parts, total := spans(packed)
	if len(parts) < 2 {
		log, err := r.DecodeAll(packed, nil)
		if err != nil {
			return nil, nil, corrupt("the body cannot be unpacked")
		}
		return splitLog(log, wallet, head)
	}
	log := make([]byte, total) // all at once: memory that grows is collected over and over
	begin := make([]int, len(parts)+1)
	for p := range parts {
		begin[p+1] = begin[p] + parts[p].size
	}
	stretches, failed, whole := make([]stretch, len(parts)), make([]bool, len(parts)), make([]bool, len(parts))
	each(len(parts), func(p int) {
		text := log[begin[p]:begin[p]:begin[p+1]]
		got, err := r.DecodeAll(parts[p].packed, text)
		if failed[p] = err != nil || len(got) != parts[p].size; failed[p] {
			return
		}
		text = text[:cap(text)]
		copy(text, got) // if it was put elsewhere
		whole[p] = len(text) == 0 || text[len(text)-1] == '\n'
		stretches[p] = readStretch(text)
	})
	if slices.Contains(failed, true) {
		return nil, nil, corrupt("the body cannot be unpacked")
	}
	if slices.Contains(whole, false) { // others than packLines may end a frame within a line
		return splitLog(log, wallet, head)
	}
	return chain(stretches, wallet, head)
}

// fullFrames returns the frames of a body that a further change can keep.
func fullFrames(packed []byte, lines [][]byte) []frame {
	parts, _ := spans(packed)
	var out []frame
	n, size := 0, 0
	for _, p := range parts {
		for size += p.size; n < len(lines) && size > 0; n++ {
			size -= len(lines[n]) + 1
		}
		if size != 0 || n == 0 || p.size < frameSize || p.size > frameSize+maxLine {
			return out // it has room left, or was not made by packLines
		}
		out = append(out, frame{lines: n, last: lines[n-1], packed: p.packed})
	}
	return out
}
