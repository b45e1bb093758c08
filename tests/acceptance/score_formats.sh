#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kinds of files and options of neuron-score from end to end, on few rows, checked by numpy.
# shellcheck source=tests/acceptance/score_place.sh
. "$NEURON_SOURCE/tests/acceptance/score_place.sh"

"$make_model" m.neff 4 3 0 && "$make_model" two.neff 4 3 0 2 || fail "no model"

# python: runs what stands on its input; x and z are the inputs.
python() {
    { printf 'import csv, json, numpy as np\n'
        printf 'x = (np.arange(90).reshape(30, 3) %% 41).astype("f4") / 8\nz = x[::-1] * 4\n'
        cat; } | /usr/bin/python3 - || fail "numpy: $1"
}
python "inputs" <<'END'
np.save("x.npy", x)
np.save("z.npy", z)
np.savez("stored.npz", input_0=x, input_1=z)
np.savez_compressed("deflated.npz", input_0=x, input_1=z)
names = ["plain", "with, comma", 'a "quote"', "ümlaut", "two\nlines"]
with open("x.csv", "w", newline="") as f:
    w = csv.writer(f)
    w.writerow(["id", "a", "note", "b", "c"])
    for i, r in enumerate(x):
        w.writerow([f"k{i}", repr(float(r[0])), names[i % 5], repr(float(r[1])), repr(float(r[2]))])
with open("x.jsonl", "w") as f:
    for i, r in enumerate(x):
        f.write(json.dumps({"id": i, "v": {"deep": [1]}, "a": float(r[0]), "b": float(r[1]),
                            "c": float(r[2])}) + "\n")
import os
os.mkdir("shards")
for i, (s, e) in enumerate([(0, 4), (4, 5), (5, 29), (29, 30)]):
    np.save(f"shards/part-{i}.npy", x[s:e])
np.save("classes.npy", np.full(30, 2))
np.save("numbers.npy", 2 * x + 1.5)
END

# scores INPUT OUTPUT OPTIONS...
scores() {
    input=$1
    output=$2
    shift 2
    expect 0 "$score" -q --model m.neff --input "$input" --output "$output" "$@"
    absent "$output.part" "$output.text.part" "$output.server" "$output.errors.jsonl"
}

# Every kind of input gives the same bytes.
scores x.npy y.npy
python "y.npy" <<'END'
y = np.load("y.npy")
assert y.dtype == np.float32 and np.array_equal(y, 2 * x + 1)
END
for input in "stored.npz" "deflated.npz" "shards" "shards/part-*.npy" "x.csv" "x.jsonl"; do
    case $input in
    x.*) columns="--columns a,b,c" ;;
    *) columns= ;;
    esac
    rm -f other.npy other.npy.journal
    name=
    case $input in *.npz) name=input_0= ;; esac
    # shellcheck disable=SC2086 # options
    scores "$name$input" other.npy $columns
    cmp -s other.npy y.npy || fail "$input gives other bytes"
done
scores x.csv position.npy --columns 1,3-4
cmp -s position.npy y.npy || fail "columns by position give other bytes"

# Every kind of output.
scores x.npy y.npz
scores x.csv y.csv --columns a,b,c --join-key id --passthrough note
scores x.jsonl y.jsonl --columns a,b,c --join-key id --passthrough v
python "outputs" <<'END'
y = np.load("y.npz")
assert list(y) == ["output_0"] and np.array_equal(y["output_0"], 2 * x + 1)
rows = list(csv.reader(open("y.csv", newline="")))
source = list(csv.reader(open("x.csv", newline="")))
assert rows[0][:2] == ["id", "note"] and len(rows) == 31, rows[0]
assert [r[0] for r in rows] == [r[0] for r in source]
assert [r[1] for r in rows] == [r[2] for r in source]
assert np.array_equal(np.array([r[2:] for r in rows[1:]], "f4"), 2 * x + 1)
lines = [json.loads(line) for line in open("y.jsonl")]
assert len(lines) == 30 and [str(l["id"]) for l in lines] == [str(i) for i in range(30)], lines[0]
assert lines[3]["v"] in ({"deep": [1]}, '{"deep": [1]}'), lines[3]
assert np.array_equal(np.array([l["output_0"] for l in lines], "f4"), 2 * x + 1)
END

# Several inputs, of different kinds; several outputs are those of one model.
expect 0 "$score" -q --model two.neff --input input_1=z.npy --input input_0=x.csv \
    --columns input_0=a,b,c --output sum.npy
expect 0 "$score" -q --model two.neff --input stored.npz --output sum2.npy
python "a sum" <<'END'
assert np.array_equal(np.load("sum.npy"), 2 * (x + z) + 1)
assert np.array_equal(np.load("sum2.npy"), 2 * (x + z) + 1)
END
refuses 1 "input_1" "$score" --model two.neff --input input_0=x.npy --output none.npy
refuses 1 "rows" "$score" --model two.neff --input input_0=x.npy --input input_1=shards/part-2.npy \
    --output none.npy
absent none.npy none.npy.part none.npy.journal

# Some of the rows.
for range in 7:19 :5 28: 0:30; do
    scores x.npy "rows$range.npy" --rows $range
    scores x.csv "rows$range.csv" --rows $range --columns a,b,c --join-key id
done
python "rows" <<'END'
for t, s in {"7:19": slice(7, 19), ":5": slice(5), "28:": slice(28, None), "0:30": slice(None)}.items():
    assert np.array_equal(np.load(f"rows{t}.npy"), 2 * x[s] + 1), t
    rows = list(csv.reader(open(f"rows{t}.csv", newline="")))[1:]
    assert np.array_equal(np.array([r[1:] for r in rows], "f4"), 2 * x[s] + 1), t
    assert rows[0][0] == f"k{range(30)[s][0]}", rows[0]
END

# Bad rows of a table: told by their number, filled in, and marked.
python "a table with bad rows" <<'END'
with open("bad.csv", "w") as f:
    f.write("a,b,c\n")
    for i, r in enumerate(x):
        f.write("1,2\n" if i == 19 else f"{r[0]:g},n/a,{r[2]:g}\n" if i == 7 else f"{r[0]:g},{r[1]:g},{r[2]:g}\n")
END
refuses 1 "row 7" "$score" --model m.neff --input bad.csv --output fail.npy
absent fail.npy
expect 3 "$score" --model m.neff --input bad.csv --output skip.npy --on-error skip --mask mask.npy
grep -q '^neuron-score: 30 rows in .*, 2 rows failed: skip.npy.errors.jsonl$' out || fail "no line"
expect 3 "$score" -q --model m.neff --input bad.csv --output fill.npy --max-errors 2 --fill -7
expect 4 "$score" -q --model m.neff --input bad.csv --output budget.npy --max-errors 1
absent budget.npy
expect 3 "$score" -q --model m.neff --input bad.csv --output percent.npy --max-errors 10%
expect 4 "$score" -q --model m.neff --input bad.csv --output percent4.npy --max-errors 5%
python "bad rows" <<'END'
bad = np.zeros(30, bool)
bad[[7, 19]] = True
y, f, m = np.load("skip.npy"), np.load("fill.npy"), np.load("mask.npy")
assert np.isnan(y[bad]).all() and np.array_equal(y[~bad], (2 * x + 1)[~bad])
assert (f[bad] == -7).all() and np.array_equal(f[~bad], (2 * x + 1)[~bad])
assert m.dtype == bool and np.array_equal(m, bad), m
errors = [json.loads(line) for line in open("skip.npy.errors.jsonl")]
assert [e["row"] for e in errors] == [7, 19], errors
assert all(set(e) == {"row", "input", "stage", "reason", "attempts"} for e in errors), errors
assert errors[0]["stage"] == "read" and errors[0]["input"] == "input_0", errors
assert "n/a" in errors[0]["reason"], errors
END
# What is known of bad rows is known to the next run, too.
expect 3 "$score" --model m.neff --input bad.csv --output skip.npy --on-error skip --mask mask.npy
grep -q 'all 30 rows were done before' out || fail "a finished job with bad rows is done again"

# Labels, an audit, a plan, a comparison with the journal.
expect 0 "$score" --model m.neff --input x.npy --output labels.npy --labels classes.npy --audit 100%
grep -qi 'accuracy' out || fail "no accuracy"
expect 0 "$score" --model m.neff --input x.npy --output labels2.npy --labels numbers.npy
grep -q '0\.5' out || fail "no mean error of 0.5"
refuses 1 "stored.npz" "$score" --model m.neff --input x.npy --output none.npy --labels stored.npz
refuses 1 "shards/part-2.npy" "$score" --model m.neff --input x.npy --output none.npy \
    --labels shards/part-2.npy
expect 0 "$score" --model m.neff --input x.npy --output none.npy --dry-run
grep -q '^rows  *30$' out || fail "no plan"
absent none.npy none.npy.part none.npy.journal
expect 1 "$score" --model m.neff --input x.npy --output none.npy --verify
for output in y.npy y.npz y.csv y.jsonl; do
    case $output in *.csv) input=x.csv ;; *.jsonl) input=x.jsonl ;; *) input=x.npy ;; esac
    expect 0 "$score" --model m.neff --input $input --columns a,b,c --output $output --verify
    size=$(stat -c %s $output)
    # A byte of the last rows, or of the text.
    printf '\377' | dd of=$output bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
    expect 1 "$score" --model m.neff --input $input --columns a,b,c --output $output --verify
    [ "$(grep -c '^neuron-score: ' err)" -ge 1 ] || fail "nothing is said of a changed $output"
done
