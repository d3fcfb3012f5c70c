/** A seamless diagonal hatch as an image. Dense for "cannot be built on", wide for "restricted". */
export function hatch(colour: string, effect: 'exclude' | 'restrict'): ImageData {
  const size = effect === 'exclude' ? 16 : 24
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return new ImageData(size, size)
  context.strokeStyle = colour
  context.globalAlpha = effect === 'exclude' ? 0.75 : 0.5
  context.lineWidth = effect === 'exclude' ? 2 : 1.6
  for (const shift of [-size, 0, size]) {
    context.beginPath()
    context.moveTo(shift - 2, size + 2)
    context.lineTo(shift + size + 2, -2)
    context.stroke()
  }
  return context.getImageData(0, 0, size, size)
}
