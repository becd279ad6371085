import { expect, test } from 'vitest'
import { FrameReader } from '../src/frame-reader.ts'

const framed = (text: string) => {
  const frame = Buffer.alloc(4 + text.length)
  frame.writeInt32BE(text.length)
  frame.write(text, 4)
  return frame
}

function framesOf(chunks: readonly Uint8Array[]): string[] {
  const reader = new FrameReader(() => 100)
  const frames: string[] = []
  for (const chunk of chunks) {
    reader.push(chunk)
    for (let frame = reader.next(); frame !== null; frame = reader.next()) frames.push(Buffer.from(frame).toString())
  }
  expect(reader.bufferedBytes).toBe(0)
  return frames
}

test('frames are found however the stream is cut', () => {
  const stream = Buffer.concat([framed('one'), framed(''), framed('three'), framed('4')])
  for (let size = 1; size <= stream.length; size++) {
    const chunks: Buffer[] = []
    for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size))
    expect(framesOf(chunks), `in chunks of ${size}`).toEqual(['one', '', 'three', '4'])
  }
})

test('a frame within one chunk is not copied', () => {
  const reader = new FrameReader(() => 100)
  const chunk = framed('here')
  reader.push(chunk)
  expect(reader.next()?.buffer).toBe(chunk.buffer)
})

test('a size out of bounds is refused before anything more is buffered', () => {
  for (const size of [-1, 101, 2 ** 31 - 1]) {
    const reader = new FrameReader(() => 100)
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(size)
    reader.push(bytes)
    expect(() => reader.next()).toThrow('at most 100')
  }
})
