/** Words of a carrier's photos, loaded with them; the keys of English are the keys of all languages. */
import type { Lang } from '../api/types'

const en = {
  photos: 'Photos',
  photo: '{what} of {code}, {day}',
  larger: 'Show larger: {what}',
  taken: '{what}, taken {day}',
  place: '{n} of {all}',
  before: 'Previous photo',
  next: 'Next photo',
  missing: 'This photo cannot be shown.',
} as const

export type PhotoKey = keyof typeof en

const zh: Record<PhotoKey, string> = {
  photos: '照片',
  photo: '{code} {what}，{day}',
  larger: '放大：{what}',
  taken: '{what}，拍摄于 {day}',
  place: '第 {n} 张，共 {all} 张',
  before: '上一张',
  next: '下一张',
  missing: '无法显示此照片。',
}

const de: Record<PhotoKey, string> = {
  photos: 'Fotos',
  photo: '{what} von {code}, {day}',
  larger: 'Größer zeigen: {what}',
  taken: '{what}, aufgenommen {day}',
  place: '{n} von {all}',
  before: 'Voriges Foto',
  next: 'Nächstes Foto',
  missing: 'Dieses Foto kann nicht gezeigt werden.',
}

export const PHOTO_MESSAGES: Record<Lang, Record<PhotoKey, string>> = { zh, en, de }
