/** The longest that a timer takes (ms): above it, it fires at once. */
export const longestTimerMs = 2 ** 31 - 1
