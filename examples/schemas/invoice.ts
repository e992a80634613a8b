import { z } from 'zod';

const party = z.object({
  name: z.string().max(200),
  address: z.string().max(400).optional().describe('Street, postcode and town in one line'),
  vatId: z
    .string()
    .regex(/^[A-Z]{2}[A-Z0-9]{2,13}$/)
    .optional(),
});

const line = z.object({
  description: z.string().max(300),
  quantity: z.number().optional(),
  unitPrice: z.number().optional().describe('Without tax'),
  amount: z.number().describe('Of the whole line, without tax'),
});

/** An invoice. The last check needs this file: with --redis use a schema that JSON Schema can say. */
export default z
  .object({
    number: z.string().max(60).describe('Invoice number as printed'),
    date: z.iso.date().describe('Date of the invoice'),
    dueDate: z.iso.date().optional().describe('Last day to pay'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .optional()
      .describe('ISO 4217 code such as EUR'),
    seller: party,
    buyer: party.optional(),
    lines: z.array(line).max(100),
    net: z.number().optional(),
    tax: z.number().optional(),
    total: z.number().describe('Amount to pay, taxes included'),
  })
  .refine(({ net, tax, total }) => net === undefined || tax === undefined || Math.abs(net + tax - total) < 0.015, {
    message: 'Expected net plus tax to be the total',
    path: ['total'],
  });
