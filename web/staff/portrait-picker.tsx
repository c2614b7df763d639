import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { PORTRAIT_HEIGHT, PORTRAIT_WIDTH, cropOf, dragCrop } from './portrait-crop.ts'
import type { CropChoice, EncodedPortrait } from './portrait-crop.ts'
import { PortraitCamera } from './portrait-camera.tsx'
import { drawPortrait, encodePortrait, loadPicture } from './portrait-canvas.ts'

const middle: CropChoice = { zoom: 1, x: 0.5, y: 0.4 }

interface PortraitPickerProps {
  readonly value: EncodedPortrait | undefined
  readonly error: string | undefined
  onChange(portrait: EncodedPortrait | undefined): void
}

/**
 * A portrait from the camera or a file, framed by dragging or with sliders. The picture is drawn anew at the card's
 * size, so that nothing of the file but what is seen goes on: no place, no time, no camera.
 */
export function PortraitPicker({ value, error, onChange }: PortraitPickerProps) {
  const { t } = useTranslation()
  const [picture, setPicture] = useState<ImageBitmap>()
  const [crop, setCrop] = useState<CropChoice>(middle)
  const [isCameraOpen, setCameraOpen] = useState(false)
  const [problem, setProblem] = useState<string>()
  const [isFile, setIsFile] = useState(false)
  const canvas = useRef<HTMLCanvasElement>(null)
  const file = useRef<HTMLInputElement>(null)
  const report = useRef(onChange)
  useEffect(() => {
    report.current = onChange
  })
  useEffect(() => () => picture?.close(), [picture])

  useEffect(() => {
    if (picture === undefined || canvas.current === null) return
    drawPortrait(canvas.current, picture, cropOf(picture.width, picture.height, crop))
    let isOutdated = false
    const timer = setTimeout(() => {
      const source = canvas.current
      if (source === null) return
      void encodePortrait(source).then((portrait) => {
        if (isOutdated) return
        report.current(portrait)
        if (portrait === undefined) setProblem(t('portrait.too_large'))
      })
    }, 150)
    return () => {
      isOutdated = true
      clearTimeout(timer)
    }
  }, [picture, crop, t])

  const take = (bitmap: ImageBitmap, isFromFile: boolean) => {
    setProblem(undefined)
    setCameraOpen(false)
    setIsFile(isFromFile)
    setCrop(middle)
    setPicture(bitmap)
  }
  const readFile = async (chosen: File) => {
    try {
      take(await loadPicture(chosen), true)
    } catch {
      setProblem(t('portrait.unreadable'))
    }
  }
  const remove = () => {
    setPicture(undefined)
    onChange(undefined)
  }
  const slide = (name: keyof CropChoice, minimum: number, maximum: number) => (
    <label className="slider">
      <span>{t(`portrait.${name}`)}</span>
      <input
        type="range" min={minimum} max={maximum} step={0.01} value={crop[name]}
        onChange={(event) => setCrop({ ...crop, [name]: Number(event.target.value) })}
      />
    </label>
  )
  const shownProblem = problem ?? error

  return (
    <fieldset className="field-group portrait-picker">
      <legend className="field-label">{t('person.portrait')}</legend>
      <p className="field-hint">{t('portrait.hint')}</p>
      {isCameraOpen && (
        <PortraitCamera
          onTaken={(bitmap) => take(bitmap, false)} onClose={() => setCameraOpen(false)}
          onFailed={() => {
            setCameraOpen(false)
            setProblem(t('portrait.no_camera'))
          }}
        />
      )}
      {picture !== undefined && !isCameraOpen && (
        <div className="portrait-frame">
          <canvas
            ref={canvas} width={PORTRAIT_WIDTH} height={PORTRAIT_HEIGHT} role="img" aria-label={t('portrait.preview')}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={(event) => {
              if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
              setCrop(dragCrop(picture.width, picture.height, crop, event.movementX, event.movementY,
                event.currentTarget.clientWidth))
            }}
          />
          <div className="portrait-sliders">
            {slide('zoom', 1, 4)}
            {slide('x', 0, 1)}
            {slide('y', 0, 1)}
          </div>
        </div>
      )}
      {shownProblem !== undefined && <p className="field-error" role="alert">{shownProblem}</p>}
      <p className="visually-hidden" role="status">{value === undefined ? '' : t('portrait.ready')}</p>
      {!isCameraOpen && (
        <div className="actions">
          <Button onPress={() => { setProblem(undefined); setCameraOpen(true) }}>
            {picture !== undefined && !isFile ? t('portrait.retake') : t('portrait.camera')}
          </Button>
          <Button onPress={() => file.current?.click()}>{isFile ? t('portrait.other_file') : t('portrait.file')}</Button>
          {picture !== undefined && <Button kind="quiet" onPress={remove}>{t('portrait.remove')}</Button>}
        </div>
      )}
      <input
        ref={file} type="file" accept="image/*" hidden tabIndex={-1} data-testid="portrait-file" aria-label={t('portrait.file')}
        onChange={(event) => {
          const chosen = event.target.files?.[0]
          event.target.value = ''
          if (chosen !== undefined) void readFile(chosen)
        }}
      />
    </fieldset>
  )
}
