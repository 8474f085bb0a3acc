"""Hidden suite for im2col.py: windows as columns, and columns back to images."""

import numpy as np

from autograder.suite import exercise

# (images, height and width of the window, padding, stride): no two sizes alike
CASES = [
    ((2, 3, 7, 6), 3, 2, 1, 2),
    ((2, 3, 5, 7), 3, 2, 0, 1),
    ((3, 2, 4, 6), 2, 3, 1, 1),
    ((1, 3, 7, 5), 2, 3, 2, 3),
]
LEFT_OVER = [((2, 3, 6, 7), 3, 2, 0, 2), ((3, 2, 6, 9), 1, 2, 1, 4)]
AXES = "C*field_height*field_width H_out*W_out*N"


def sizes(case):
    """N, C, the window's sizes, and the sizes of the result."""
    (N, C, H, W), height, width, padding, stride = case
    rows, columns = (
        (size + 2 * padding - f) // stride + 1 for size, f in ((H, height), (W, width))
    )
    return N, C, height, width, rows, columns


def distinct(want, suspects):
    """The suspects, silent where a mistake makes no difference or cannot be made."""

    def quiet(thunk):
        try:
            wrong = thunk()
        except (ValueError, IndexError, ZeroDivisionError):
            return np.zeros(0)
        return np.zeros(0) if np.array_equal(wrong, want) else wrong

    return {text: lambda thunk=thunk: quiet(thunk) for text, thunk in suspects.items()}


def stays(sandbox, check, array, call):
    """Run the call on an array kept in the sandbox and check that it is not changed."""
    kept = sandbox.put(array)
    result = call(kept)
    same = np.array_equal(sandbox.fetch(kept), array)
    check(same, "The array is changed by the call: work on a copy of it.")
    return result


def column_suspects(reference, x, case, want):
    """Columns of the usual mistakes."""
    _, height, width, padding, stride = case
    N, C, _, _, rows, columns = sizes(case)
    full = want.reshape(C, height, width, rows, columns, N)

    def lay(*order):
        down = full.transpose(order)
        return down.reshape(want.shape)

    def other(x=x, height=height, width=width, padding=padding, stride=stride):
        return reference.im2col_indices(x, height, width, padding, stride)

    def padded(rows, columns, **how):
        return other(np.pad(x, ((0, 0), (0, 0), rows, columns), **how), padding=0)

    return distinct(want, {
        "The columns come image by image; they come place by place, and all images at a place "
        "stand side by side.": lambda: lay(0, 1, 2, 5, 3, 4),
        "A column goes through the channels first; it has the order of window.ravel(), channel by "
        "channel.": lambda: lay(1, 2, 0, 3, 4, 5),
        "A column goes through the window column by column; it has the order of window.ravel(), "
        "row by row.": lambda: lay(0, 2, 1, 3, 4, 5),
        "Columns of the image come first; go through the places row by row.": lambda: (
            lay(0, 1, 2, 4, 3, 5)
        ),
        "The windows are rows; each window is a column.": lambda: want.T,
        "The windows are rows, and come image by image; each window is a column.": lambda: (
            full.transpose(5, 3, 4, 0, 1, 2).reshape(want.shape[::-1])
        ),
        "The windows are flipped; lay them out as they are.": lambda: (
            full[:, ::-1, ::-1].reshape(want.shape)
        ),
        "The padding is ignored.": lambda: other(padding=0),
        "The stride is ignored.": lambda: other(stride=1),
        "Height and width of the window are exchanged.": lambda: other(height=width, width=height),
        "Padding and stride are exchanged: padding comes before stride.": lambda: (
            other(padding=stride, stride=padding)
        ),
        "The border repeats the outermost pixels; it must be zero.": lambda: padded(
            (padding, padding), (padding, padding), mode="edge"
        ),
        "Zeros are added at the bottom and right only; all four sides get them.": lambda: (
            padded((0, padding), (0, padding))
        ),
        "All zeros are added at the bottom and right: the windows are shifted.": lambda: (
            padded((0, 2 * padding), (0, 2 * padding))
        ),
        "The windows start at row i and column j; they start at i * stride and j * stride.": (
            lambda: near(other(stride=1), x, case).reshape(want.shape)
        ),
    })  # fmt: skip


def near(dense, x, case):
    """The first places of columns with stride 1."""
    shape, height, width, padding, _ = case
    N, _, _, _, rows, columns = sizes(case)
    _, _, _, _, all_rows, all_columns = sizes((shape, height, width, padding, 1))
    dense = dense.reshape(-1, all_rows, all_columns, N)
    return dense[:, :rows, :columns]


def judge_columns(student, reference, rng, close, cases):
    """Compare the columns of some cases."""
    for case in cases:
        shape, *rest = case
        x = rng.normal(size=shape)
        want = reference.im2col_indices(x, *rest)
        suspects = column_suspects(reference, x, case, want)
        close(student.im2col_indices(x, *rest), want, names="cols", axes=AXES, suspects=suspects)


@exercise("im2col", weight=2)
def test_windows_as_columns(student, reference, rng, close):
    """Windows that are not square, with padding and strides."""
    judge_columns(student, reference, rng, close, CASES)


@exercise("im2col", weight=0.5)
def test_columns_round_down(student, reference, rng, close):
    """Where the stride does not divide, rows and columns at the end are left out."""
    judge_columns(student, reference, rng, close, LEFT_OVER)


@exercise("im2col", weight=0.5)
def test_columns_of_views(student, reference, rng, close, check, sandbox):
    """Views of larger arrays are welcome and stay as they are; padding and stride default to 1."""
    x = np.repeat(rng.normal(size=(2, 3, 4, 5)), 2, axis=3)[..., ::2]
    got = stays(sandbox, check, x, lambda x: student.im2col_indices(x, 3, 2))
    close(got, reference.im2col_indices(x, 3, 2, 1, 1), names="cols", axes=AXES)


def image_suspects(reference, cols, case, want):
    """Images of the usual mistakes."""
    shape, height, width, padding, stride = case
    N, C, _, _, rows, columns = sizes(case)
    H, W = shape[2:]
    full = cols.reshape(C, height, width, rows, columns, N)

    def other(cols=cols, shape=shape, padding=padding, stride=stride):
        return reference.col2im_indices(cols, shape, height, width, padding, stride)

    def bordered():
        return other(shape=(N, C, H + 2 * padding, W + 2 * padding), padding=0)

    def crowded():
        dense = (N, C, rows + height - 1, columns + width - 1)
        image = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
        image[:, :, : dense[2], : dense[3]] = other(shape=dense, padding=0, stride=1)
        return image

    def last():
        image = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
        for i, j in np.ndindex(rows, columns):
            top, left = i * stride, j * stride
            block = full[:, :, :, i, j].transpose(3, 0, 1, 2)
            image[:, :, top : top + height, left : left + width] = block
        return image[:, :, padding : padding + H, padding : padding + W]

    return distinct(want, {
        "Windows overwrite each other; where they overlap, add up.": last,
        "Where windows overlap, the mean is taken; add up.": lambda: (
            want / np.maximum(other(np.ones(cols.shape)), 1)
        ),
        "The border is still part of the images: cut it off.": bordered,
        "The border is cut off on the wrong sides: the images are shifted.": lambda: (
            bordered()[:, :, :H, :W]
        ),
        "The stride is ignored: windows start at i * stride and j * stride.": lambda: (
            crowded()[:, :, padding : padding + H, padding : padding + W]
        ),
        "The columns are read image by image; they come place by place, and all images at a place "
        "stand side by side.": lambda: other(
            cols.reshape(-1, N, rows * columns).transpose(0, 2, 1).reshape(cols.shape)
        ),
        "The columns are read channels first; a column is window.ravel().": lambda: other(
            cols.reshape(height * width, C, -1).transpose(1, 0, 2).reshape(cols.shape)
        ),
        "The windows are flipped; add them as they are.": lambda: other(
            full[:, ::-1, ::-1].reshape(cols.shape)
        ),
        "The places are read column by column; go through them row by row.": lambda: other(
            cols.reshape(len(cols), columns, rows, N).transpose(0, 2, 1, 3).reshape(cols.shape)
        ),
    })  # fmt: skip


def judge_images(student, reference, rng, close, cases):
    """Compare the images of some cases."""
    for case in cases:
        N, C, height, width, rows, columns = sizes(case)
        cols = rng.normal(size=(C * height * width, rows * columns * N))
        want = reference.col2im_indices(cols, *case)
        suspects = image_suspects(reference, cols, case, want)
        got = student.col2im_indices(cols, *case)
        close(got, want, names="the images", axes="N C H W", suspects=suspects)


@exercise("col2im", weight=2)
def test_columns_as_images(student, reference, rng, close):
    """Windows that overlap are added up, and what falls onto the border is dropped."""
    judge_images(student, reference, rng, close, CASES)


@exercise("col2im", weight=0.5)
def test_images_with_pixels_out_of_reach(student, reference, rng, close):
    """Pixels that no window reaches get 0."""
    judge_images(student, reference, rng, close, LEFT_OVER)


@exercise("col2im", weight=0.5)
def test_images_leave_columns_alone(student, reference, rng, close, check, sandbox):
    """The columns stay as they are, in any order in memory; the defaults are 3 x 3, 1 and 1."""
    cols = np.asfortranarray(rng.normal(size=(27, 4 * 5 * 2)))
    got = stays(sandbox, check, cols, lambda cols: student.col2im_indices(cols, (2, 3, 4, 5)))
    want = reference.col2im_indices(cols, (2, 3, 4, 5), 3, 3, 1, 1)
    close(got, want, names="the images", axes="N C H W")
