import { describe, expect, test } from 'vitest'
import {
  JoinWindows,
  SessionWindows,
  SlidingWindows,
  TimeWindows,
  UNLIMITED_END,
  UnlimitedWindows,
} from '../../src/index.ts'

describe('time windows', () => {
  test('tumble, aligned to the epoch', () => {
    const windows = TimeWindows.ofSizeWithNoGrace(10)
    expect(windows.windowsFor(0)).toEqual([{ start: 0, end: 10 }])
    expect(windows.windowsFor(9)).toEqual([{ start: 0, end: 10 }])
    expect(windows.windowsFor(10)).toEqual([{ start: 10, end: 20 }])
  })

  test('hop: a record is in several, by start', () => {
    const windows = TimeWindows.ofSizeAndGrace(10, 3).advanceBy(4)
    expect(windows.windowsFor(13).map(({ start }) => start)).toEqual([4, 8, 12])
    expect(windows.windowsFor(2).map(({ start }) => start)).toEqual([0])
    expect(windows.gracePeriodMs).toBe(3)
  })

  test('are those that hold the timestamp, in whatever order records come', () => {
    const [size, advance] = [10, 4]
    const windows = TimeWindows.ofSizeWithNoGrace(size).advanceBy(advance)
    for (const timestamp of [25, 26, 24, 27, 28, 3, 0, 4, 25, 13, 14, 12, 100, 99]) {
      const starts = Array.from({ length: 30 }, (_, i) => i * advance)
      const expected = starts.filter((start) => start <= timestamp && timestamp < start + size)
      expect(windows.windowsFor(timestamp).map(({ start }) => start)).toEqual(expected)
    }
  })

  test.each([0, -1, 1.5, Number.NaN])('refuse a size of %s', (size) => {
    expect(() => TimeWindows.ofSizeWithNoGrace(size)).toThrow(RangeError)
  })

  test('refuse an advance that leaves gaps, and a negative grace', () => {
    expect(() => TimeWindows.ofSizeWithNoGrace(5).advanceBy(6)).toThrow(/cannot advance by 6 ms/)
    expect(() => TimeWindows.ofSizeWithNoGrace(5).advanceBy(0)).toThrow(RangeError)
    expect(() => TimeWindows.ofSizeAndGrace(5, -1)).toThrow(/grace/)
  })
})

test('unlimited windows hold everything from their start on', () => {
  const windows = UnlimitedWindows.of().startOn(10)
  expect(windows.windowsFor(9)).toEqual([])
  expect(windows.windowsFor(10)).toEqual([{ start: 10, end: UNLIMITED_END }])
  expect(() => UnlimitedWindows.of().startOn(-1)).toThrow(RangeError)
})

test('sliding windows and sessions refuse negative times', () => {
  expect(SlidingWindows.ofTimeDifferenceAndGrace(0, 7)).toMatchObject({ timeDifferenceMs: 0, gracePeriodMs: 7 })
  expect(SessionWindows.ofInactivityGapAndGrace(0, 7)).toMatchObject({ inactivityGapMs: 0, gracePeriodMs: 7 })
  expect(() => SlidingWindows.ofTimeDifferenceWithNoGrace(-1)).toThrow(RangeError)
  expect(() => SessionWindows.ofInactivityGapWithNoGrace(-1)).toThrow(RangeError)
  expect(() => SessionWindows.ofInactivityGapAndGrace(1, -1)).toThrow(RangeError)
})

test('join windows may lie on one side, but must hold something', () => {
  const windows = JoinWindows.ofTimeDifferenceAndGrace(10, 2).before(-5)
  expect(windows).toMatchObject({ beforeMs: -5, afterMs: 10, gracePeriodMs: 2, sizeMs: 5 })
  expect(() => windows.after(4)).toThrow(/holds nothing/)
})
