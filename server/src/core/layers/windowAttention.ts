/** The attention of Swin Transformers: inside windows of an image with channels last, which may be shifted. */
import { type Dimension, ONE, add, constant, floorDivide, multiply, product, subtract } from '../dimension.ts';
import { type Layer, type LayerCall, type WeightShape, layer } from './layer.ts';
import { Linear } from './linear.ts';
import { type ArgumentsOf, asValue, float, inferred, int, presence, sizeList, withArguments } from './parameters.ts';
import { features, requireDivides } from './rules.ts';
import { type Seen, type Sees, numbers, own } from './sight.ts';

const parameters = {
  dim: inferred('Size of the last dimension of the input: its channels.', features),
  window_size: sizeList(2, 'Height and width of a window.', { min: 1 }),
  shift_size: sizeList(2, 'How far the windows are shifted down and right; 0 for not at all.', { min: 0 }),
  num_heads: int('Parts that the channels are divided into; each looks for something else.', { min: 1 }),
  qkv_bias: presence('Has learned offsets in the maps to query, key and value.', true),
  proj_bias: presence('Has a learned offset in the last map.', true),
  attention_dropout: float('Chance of an attention weight to be set to 0, in training.', {
    min: 0,
    max: 1,
    default: 0,
  }),
  dropout: float('Chance of a value to be set to 0 at the end, in training.', { min: 0, max: 1, default: 0 }),
} as const;

type Arguments = ArgumentsOf<typeof parameters>;

/** How many windows cover an image, and how many places are in one. */
function windows({ input, arguments: { window_size } }: LayerCall<typeof parameters>) {
  const [batch, height, width] = input.shape;
  const [down, right] = [height!, width!].map((size, i) =>
    floorDivide(add(size, subtract(window_size[i]!, ONE)), window_size[i]!),
  );
  return { count: product([batch!, down!, right!]), places: product(window_size) };
}

/** Rows of the table of biases: one for each distance that two places of a window can have. */
function distances({ window_size }: Arguments): readonly Dimension[] {
  return window_size.map((size) => subtract(multiply(constant(2), size), ONE));
}

/**
 * A place sees its window; of one that is shifted over the edge only the part on its own side, as if the rest were
 * padding. A window that sees all of a side isn't shifted along it; a free size is taken for larger than that.
 */
const windowSight: Sees<typeof parameters> = ({ input: { shape }, arguments: { window_size, shift_size } }) => {
  const along = (dim: number): Seen => {
    const [size, shift] = numbers([window_size[dim - 1]!, shift_size[dim - 1]!]) ?? [];
    if (size === undefined || shift === undefined) return 'unknown';
    const [places] = numbers([shape[dim]!]) ?? [];
    const begins = places !== undefined && places <= size ? 0 : shift;
    const first = (place: number): number => Math.floor((place - begins) / size) * size + begins;
    return { along: dim, period: size, advance: size, range: (place) => [first(place), first(place) + size - 1] };
  };
  return [[own(0), along(1), along(2), 'all']];
};

function common(name: string, documentation: string, summary: string) {
  return {
    name,
    family: 'attention',
    kind: 'module',
    summary,
    documentation,
    inputs: { names: ['x'], rank: [4], layout: '[N, height, width, channels]' },
    parameters,
    sees: windowSight,
    example: { inputs: ['[N, 56, 56, 96]'], arguments: '(7, 7), (3, 3), 3' },
    similarity: 'attention',
  } as const;
}

function attend(call: LayerCall<typeof parameters>): void {
  const { dim, qkv_bias, proj_bias } = call.arguments;
  requireDivides(call, 'num_heads', dim, 'the channels', { why: 'each head gets an equal part of them' });
  const { count, places } = windows(call);
  const inside = { ...call.input, shape: [count, places, dim] };
  const linear = (out: Dimension, bias: Arguments['qkv_bias']) =>
    withArguments(Linear, { out_features: asValue.int(out), bias: asValue.bool(bias) });
  call.part({ name: 'qkv', layer: linear(multiply(constant(3), dim), qkv_bias), inputs: [inside] });
  call.part({ name: 'proj', layer: linear(dim, proj_bias), inputs: [inside] });
}

/** Each place of a window with each: the products of queries and keys, and the weighted means of values. */
function attentionMacs(call: LayerCall<typeof parameters>): Dimension {
  const { count, places } = windows(call);
  return product([constant(2), count, places, places, call.arguments.dim]);
}

function index({ window_size }: Arguments): WeightShape {
  const places = product(window_size);
  return { name: 'relative_position_index', kind: 'buffer', shape: [multiply(places, places)], type: 'int64' };
}

const SIGNATURE = `        self,
        dim: int,
        window_size: Sequence[int],
        shift_size: Sequence[int],
        num_heads: int,
        qkv_bias: bool = True,
        proj_bias: bool = True,
        attention_dropout: float = 0.0,
        dropout: float = 0.0,`;

/** What both classes have; what differs is the table of biases, and how queries and keys are compared. */
function source(
  name: string,
  doc: string,
  { table, maps, bias, project, compare }: Readonly<Record<'table' | 'maps' | 'bias' | 'project' | 'compare', string>>,
): string {
  return `class ${name}(nn.Module):
    """${doc}"""

    def __init__(
${SIGNATURE}
    ) -> None:
        super().__init__()
        self.window_size = window_size
        self.shift_size = shift_size
        self.num_heads = num_heads
        self.attention_dropout = attention_dropout
        self.dropout = dropout
        self.qkv = nn.Linear(dim, dim * 3, bias=qkv_bias)
        self.proj = nn.Linear(dim, dim, bias=proj_bias)
        rows, columns = window_size
${table}
        # The place in the table of biases for each pair of places in a window.
        y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
        y, x = y.flatten(), x.flatten()
        down = y[:, None] - y + rows - 1
        right = x[:, None] - x + columns - 1
        index = down * (2 * columns - 1) + right
        self.register_buffer("relative_position_index", index.flatten())
${maps}
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, height, width, channels = x.shape
        rows, columns = self.window_size
        x = F.pad(x, (0, 0, 0, -width % columns, 0, -height % rows))
        down, right = x.shape[1] // rows, x.shape[2] // columns
        # A window that sees all of a side needs no shift along it.
        shift = [
            size if count > 1 else 0
            for size, count in zip(self.shift_size, (down, right))
        ]
        is_shifted = sum(shift) > 0
        if is_shifted:
            x = x.roll((-shift[0], -shift[1]), (1, 2))
        x = x.view(batch, down, rows, right, columns, channels).transpose(2, 3)
        x = x.reshape(batch * down * right, rows * columns, channels)

${project}
        q, k, v = qkv.unflatten(-1, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)
${compare}
        scores = scores + self._position_bias()
        if is_shifted:
            mask = self._mask(shift, down, right).to(scores)[:, None]
            scores = scores.unflatten(0, (batch, -1)) + mask
            scores = scores.flatten(0, 1)
        weights = F.dropout(scores.softmax(-1), self.attention_dropout, self.training)
        x = self.proj((weights @ v).transpose(1, 2).flatten(2))
        x = F.dropout(x, self.dropout, self.training)

        x = x.view(batch, down, right, rows, columns, channels).transpose(2, 3)
        x = x.reshape(batch, down * rows, right * columns, channels)
        if is_shifted:
            x = x.roll((shift[0], shift[1]), (1, 2))
        return x[:, :height, :width].contiguous()

    def _position_bias(self) -> torch.Tensor:
        """What is added for the distance of two places, [1, heads, places, places]."""
        places = self.window_size[0] * self.window_size[1]
${bias}

    def _mask(self, shift: Sequence[int], down: int, right: int) -> torch.Tensor:
        """-100 where a shifted window holds what wasn't side by side before."""
        rows, columns = self.window_size
        y, x = torch.arange(down * rows), torch.arange(right * columns)
        part_y = (y >= len(y) - rows).int() + (y >= len(y) - shift[0]).int()
        part_x = (x >= len(x) - columns).int() + (x >= len(x) - shift[1]).int()
        part = (part_y[:, None] * 3 + part_x).view(down, rows, right, columns)
        part = part.transpose(1, 2).reshape(down * right, rows * columns)
        return (part[:, None] != part[:, :, None]) * -100.0
`;
}

const ShiftedWindowAttention = layer({
  ...common(
    'ShiftedWindowAttention',
    'https://docs.pytorch.org/vision/stable/models/swin_transformer.html',
    'Each place of an image (channels last) attends to those of its window, with a learned number for each distance. Windows may be shifted, so that neighbours meet: the attention of Swin.',
  ),
  attribute: 'shifted_window_attention',
  shape(call) {
    attend(call);
    return [call.input.shape];
  },
  weights: ({ arguments: given }) => [
    {
      name: 'relative_position_bias_table',
      kind: 'parameter',
      shape: [product(distances(given)), given.num_heads],
    },
    index(given),
  ],
  macs: attentionMacs,
  python: {
    kind: 'module',
    constructor: 'ShiftedWindowAttention',
    source: source(
      'ShiftedWindowAttention',
      'Self-attention inside shifted windows of images, [N, H, W, C] (Swin Transformer).',
      {
        table: `        distances = (2 * rows - 1) * (2 * columns - 1)
        table = nn.Parameter(torch.zeros(distances, num_heads))
        self.relative_position_bias_table = nn.init.trunc_normal_(table, std=0.02)`,
        maps: '',
        project: '        qkv = self.qkv(x)',
        compare: `        scores = q * (channels // self.num_heads) ** -0.5 @ k.transpose(-2, -1)`,
        bias: `        bias = self.relative_position_bias_table[self.relative_position_index]
        return bias.view(places, places, -1).permute(2, 0, 1).unsqueeze(0)`,
      },
    ),
  },
});

/** Features of the small network that makes the biases of version 2. */
const HIDDEN = constant(512);

const ShiftedWindowAttentionV2 = layer({
  ...common(
    'ShiftedWindowAttentionV2',
    'https://docs.pytorch.org/vision/stable/models/swin_transformer.html',
    'ShiftedWindowAttention that compares by angle, and works out its numbers for distances by a small network: the attention of Swin V2.',
  ),
  attribute: 'shifted_window_attention',
  shape(call) {
    attend(call);
    const linear = (out: Dimension, bias: boolean) =>
      withArguments(Linear, { out_features: asValue.int(out), bias: asValue.bool(bias) });
    const table = { ...call.input, shape: [ONE, ...distances(call.arguments), constant(2)] };
    const [hidden] = call.part({ name: 'cpb_mlp.0', layer: linear(HIDDEN, true), inputs: [table] });
    call.part({ name: 'cpb_mlp.2', layer: linear(call.arguments.num_heads, false), inputs: [hidden!] });
    return [call.input.shape];
  },
  weights: ({ arguments: given }) => [
    { name: 'logit_scale', kind: 'parameter', shape: [given.num_heads, ONE, ONE] },
    { name: 'relative_coords_table', kind: 'buffer', shape: [ONE, ...distances(given), constant(2)] },
    index(given),
  ],
  macs: attentionMacs,
  python: {
    kind: 'module',
    constructor: 'ShiftedWindowAttentionV2',
    source: source(
      'ShiftedWindowAttentionV2',
      'Cosine attention inside shifted windows of images, [N, H, W, C] (Swin Transformer V2).',
      {
        table: `        # Distances from -1 to 1, on a logarithmic scale.
        y = torch.arange(1 - rows, rows, dtype=torch.float32) / (rows - 1)
        x = torch.arange(1 - columns, columns, dtype=torch.float32) / (columns - 1)
        table = 8 * torch.stack(torch.meshgrid(y, x, indexing="ij"), -1)[None]
        table = table.sign() * torch.log2(table.abs() + 1) / 3
        self.register_buffer("relative_coords_table", table)`,
        maps: `        self.logit_scale = nn.Parameter(torch.full((num_heads, 1, 1), 10.0).log())
        self.cpb_mlp = nn.Sequential(
            nn.Linear(2, 512),
            nn.ReLU(inplace=True),
            nn.Linear(512, num_heads, bias=False),
        )
        if qkv_bias:
            self.qkv.bias.data[dim : 2 * dim].zero_()
`,
        project: `        bias = self.qkv.bias
        if bias is not None:
            # Keys have none.
            bias = bias.clone()
            bias[channels : 2 * channels].zero_()
        qkv = F.linear(x, self.qkv.weight, bias)`,
        compare: `        scores = F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-2, -1)
        scores = scores * self.logit_scale.clamp(max=math.log(100.0)).exp()`,
        bias: `        bias = self.cpb_mlp(self.relative_coords_table).view(-1, self.num_heads)
        bias = bias[self.relative_position_index]
        bias = bias.view(places, places, -1).permute(2, 0, 1).unsqueeze(0)
        return 16 * bias.sigmoid()`,
      },
    ),
  },
});

export const windowAttentions: readonly Layer[] = [ShiftedWindowAttention, ShiftedWindowAttentionV2];
