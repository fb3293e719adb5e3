package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	folder := flag.String("o", "", "the folder to write to")
	judged := flag.String("judge", "", "a folder with an index.json: have bevis judge what it names")
	online := flag.Bool("online", false, "let bevis make connections, to see whether it makes any")
	flag.Parse()
	var err error
	switch {
	case (*folder == "") == (*judged == ""):
		err = errors.New("name a folder, with -o or with -judge")
	case *folder != "":
		err = write(context.Background(), *folder)
	default:
		err = judge(context.Background(), *judged, *online, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "attacks:", err)
		os.Exit(1)
	}
}
