export { move, Piscina, transferableSymbol, valueSymbol } from 'piscina';
