import { expect, it } from 'vitest'
import { contactHref } from './contact'

it.each([
  ['invest@park.example', 'mailto:invest@park.example'],
  ['+86 (513) 0000 0000', 'tel:+8651300000000'],
  ['https://park.example/ask', 'https://park.example/ask'],
  ['javascript:alert(1)', 'tel:1'],
])('%s leads to %s', (contact, href) => expect(contactHref(contact)).toBe(href))
