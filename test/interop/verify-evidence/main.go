// Verify-evidence audits an evidence directory with none of the product's own code: the checkpoint by
// golang.org/x/mod/sumdb/note, the tree, its tiles and proofs by golang.org/x/mod/sumdb/tlog, as Debian ships
// them in golang-golang-x-mod-dev.
//
//	GO111MODULE=off CGO_ENABLED=0 GOPATH=/usr/share/gocode go build -o verify-evidence main.go
//	verify-evidence -vkey evidence/log.vkey [-outside FILE] [-growth FILE] evidence [PROOF...]
//
// It accepts or rejects with the first reason it finds. What the entries mean is not its concern.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight  = 8
	tileWidth   = 1 << tileHeight
	proofHeader = "c2sp.org/tlog-proof@v1"
)

// checkpoint is one that a known key has signed.
type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

// evidence is a log whose entries have given the root of its checkpoint.
type evidence struct {
	directory string
	verifiers note.Verifiers
	head      checkpoint
	entries   [][]byte
	hashes    []tlog.Hash // by tlog.StoredHashIndex
}

func main() {
	vkey := flag.String("vkey", "", "file with the verifier key of the log, and perhaps more, one per line")
	outside := flag.String("outside", "", "earlier checkpoint that the log must continue")
	growth := flag.String("growth", "", "add-checkpoint body that proves the same from a file")
	flag.Parse()
	if *vkey == "" || flag.NArg() < 1 {
		flag.Usage()
		os.Exit(2)
	}
	summary, err := audit(flag.Arg(0), *vkey, *outside, *growth, flag.Args()[1:])
	if err != nil {
		fmt.Println("rejected:", err)
		os.Exit(1)
	}
	fmt.Println("accepted:", summary)
}

func audit(directory, vkey, outside, growth string, proofs []string) (string, error) {
	verifiers, err := readVerifiers(vkey)
	if err != nil {
		return "", err
	}
	e := &evidence{directory: directory, verifiers: verifiers}
	if e.head, err = openCheckpointFile(filepath.Join(directory, "checkpoint"), verifiers); err != nil {
		return "", err
	}
	if err := e.readEntries(); err != nil {
		return "", err
	}
	if err := e.checkRoot(); err != nil {
		return "", err
	}
	tiles, err := e.checkTiles()
	if err != nil {
		return "", err
	}
	if err := e.checkOutside(outside, growth); err != nil {
		return "", err
	}
	for _, proof := range proofs {
		if err := e.checkProof(proof); err != nil {
			return "", fmt.Errorf("%s: %w", filepath.Base(proof), err)
		}
	}
	return fmt.Sprintf("%s size %d root %s, %d tiles, %d proofs", e.head.origin, e.head.size, e.head.root, tiles, len(proofs)), nil
}

func readVerifiers(path string) (note.Verifiers, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []note.Verifier
	for _, line := range strings.Fields(string(text)) {
		verifier, err := note.NewVerifier(line)
		if err != nil {
			return nil, err
		}
		list = append(list, verifier)
	}
	return note.VerifierList(list...), nil
}

func openCheckpointFile(path string, verifiers note.Verifiers) (checkpoint, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return checkpoint{}, err
	}
	return openCheckpoint(text, verifiers)
}

func openCheckpoint(text []byte, verifiers note.Verifiers) (checkpoint, error) {
	signed, err := note.Open(text, verifiers)
	if err != nil {
		return checkpoint{}, err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return checkpoint{}, errors.New("the checkpoint has not three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, errors.New("the size is not a plain decimal")
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return checkpoint{}, err
	}
	for _, signature := range signed.Sigs {
		if signature.Name == lines[0] {
			return checkpoint{origin: lines[0], size: size, root: root}, nil
		}
	}
	return checkpoint{}, errors.New("the log itself did not sign its checkpoint")
}

// parseHash reads canonical base64 of 32 bytes.
func parseHash(text string) (tlog.Hash, error) {
	var hash tlog.Hash
	decoded, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(decoded) != tlog.HashSize {
		return hash, errors.New("a hash is not base64 of 32 bytes")
	}
	copy(hash[:], decoded)
	return hash, nil
}

// ReadHashes serves the hashes derived from the entries; tlog asks for them by storage index.
func (e *evidence) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(e.hashes)) {
			return nil, errors.New("a hash outside the tree was asked for")
		}
		found[i] = e.hashes[index]
	}
	return found, nil
}

// tilePath turns the path of x/mod into that of C2SP tlog-tiles: no height, and `entries` for `data`.
func tilePath(t tlog.Tile) string {
	path := strings.Replace(t.Path(), "tile/8/", "tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

func (e *evidence) readFile(t tlog.Tile) ([]byte, error) {
	return os.ReadFile(filepath.Join(e.directory, tilePath(t)))
}

// whole is the full tile that may have replaced a partial one.
func whole(t tlog.Tile) tlog.Tile {
	t.W = tileWidth
	return t
}

func (e *evidence) readEntries() error {
	for n := int64(0); n*tileWidth < e.head.size; n++ {
		width := e.head.size - n*tileWidth
		if width > tileWidth {
			width = tileWidth
		}
		tile := tlog.Tile{H: tileHeight, L: -1, N: n, W: int(width)}
		data, err := e.readFile(tile)
		replaced := errors.Is(err, os.ErrNotExist) && tile.W < tileWidth
		if replaced {
			data, err = e.readFile(whole(tile))
		}
		if err != nil {
			return err
		}
		rest, err := e.addEntries(data, tile.W)
		if err != nil {
			return fmt.Errorf("%s: %w", tilePath(tile), err)
		}
		if rest > 0 && !replaced {
			return fmt.Errorf("%s: has %d bytes too many", tilePath(tile), rest)
		}
	}
	return nil
}

// addEntries appends the first `width` entries of a bundle and returns how many bytes follow them.
func (e *evidence) addEntries(data []byte, width int) (int, error) {
	for i := 0; i < width; i++ {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return 0, errors.New("the bundle ends inside an entry")
		}
		length := int(binary.BigEndian.Uint16(data))
		entry := data[2 : 2+length]
		hashes, err := tlog.StoredHashes(int64(len(e.entries)), entry, e)
		if err != nil {
			return 0, err
		}
		e.hashes = append(e.hashes, hashes...)
		e.entries = append(e.entries, entry)
		data = data[2+length:]
	}
	return len(data), nil
}

func (e *evidence) checkRoot() error {
	root := emptyRoot()
	if e.head.size > 0 {
		var err error
		if root, err = tlog.TreeHash(e.head.size, e); err != nil {
			return err
		}
	}
	if root != e.head.root {
		return errors.New("the entries do not give the signed root")
	}
	return nil
}

// emptyRoot is SHA-256 of nothing, as RFC 6962 has it; x/mod 0.7 leaves the empty tree undefined.
func emptyRoot() tlog.Hash {
	hash, _ := parseHash("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
	return hash
}

func (e *evidence) checkTiles() (int, error) {
	count := 0
	for _, tile := range tlog.NewTiles(tileHeight, 0, e.head.size) {
		// x/mod 0.7 lists every partial width up to the last, newer ones only that: keep that.
		items := e.head.size >> (tileHeight * uint(tile.L))
		if tile.W < tileWidth && tile.N*tileWidth+int64(tile.W) != items {
			continue
		}
		derived, err := tlog.ReadTileData(tile, e)
		if err != nil {
			return 0, err
		}
		stored, err := e.readFile(tile)
		if errors.Is(err, os.ErrNotExist) && tile.W < tileWidth {
			if stored, err = e.readFile(whole(tile)); err == nil && len(stored) > len(derived) {
				stored = stored[:len(derived)]
			}
		}
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(stored, derived) {
			return 0, fmt.Errorf("%s is not what the entries give", tilePath(tile))
		}
		count++
	}
	return count, nil
}

// checkOutside proves from the entries that the log continues an earlier checkpoint, and checks a proof of the
// same from a file if there is one.
func (e *evidence) checkOutside(outside, growth string) error {
	if outside == "" {
		return nil
	}
	earlier, err := openCheckpointFile(outside, e.verifiers)
	if err != nil {
		return fmt.Errorf("outside: %w", err)
	}
	if earlier.origin != e.head.origin || earlier.size > e.head.size {
		return errors.New("the outside checkpoint is of another or of a longer log")
	}
	if earlier.size == 0 {
		return nil
	}
	proof, err := tlog.ProveTree(e.head.size, earlier.size, e)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, e.head.size, e.head.root, earlier.size, earlier.root); err != nil {
		return fmt.Errorf("the log does not continue the outside checkpoint: %w", err)
	}
	if growth == "" {
		return nil
	}
	return e.checkGrowth(growth, earlier)
}

func (e *evidence) checkGrowth(path string, earlier checkpoint) error {
	lines, head, err := e.openProofFile(path)
	if err != nil {
		return fmt.Errorf("growth: %w", err)
	}
	if lines[0] != fmt.Sprintf("old %d", earlier.size) {
		return errors.New("growth: it starts from another size")
	}
	hashes, err := parseHashes(lines[1:])
	if err != nil {
		return fmt.Errorf("growth: %w", err)
	}
	if err := tlog.CheckTree(tlog.TreeProof(hashes), head.size, head.root, earlier.size, earlier.root); err != nil {
		return fmt.Errorf("growth: %w", err)
	}
	return nil
}

// checkProof checks a tlog-proof file for the entry that stands at its index in this log.
func (e *evidence) checkProof(path string) error {
	lines, head, err := e.openProofFile(path)
	if err != nil {
		return err
	}
	if lines[0] != proofHeader {
		return errors.New("it is not a proof of version 1")
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return errors.New("it names no index")
	}
	decimal := strings.TrimPrefix(lines[0], "index ")
	index, err := strconv.ParseInt(decimal, 10, 64)
	if err != nil || strconv.FormatInt(index, 10) != decimal || index < 0 || index >= head.size || index >= int64(len(e.entries)) {
		return errors.New("its index is outside the log")
	}
	hashes, err := parseHashes(lines[1:])
	if err != nil {
		return err
	}
	return tlog.CheckRecord(tlog.RecordProof(hashes), head.size, head.root, index, tlog.RecordHash(e.entries[index]))
}

// openProofFile splits lines from the checkpoint that follows them, and opens that.
func (e *evidence) openProofFile(path string) ([]string, checkpoint, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, checkpoint{}, err
	}
	blank := bytes.Index(text, []byte("\n\n"))
	if blank < 0 {
		return nil, checkpoint{}, errors.New("it has no checkpoint")
	}
	head, err := openCheckpoint(text[blank+2:], e.verifiers)
	return strings.Split(string(text[:blank]), "\n"), head, err
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(lines))
	for i, line := range lines {
		hash, err := parseHash(line)
		if err != nil {
			return nil, err
		}
		hashes[i] = hash
	}
	return hashes, nil
}
