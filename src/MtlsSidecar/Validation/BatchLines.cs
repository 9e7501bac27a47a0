using System.Text;

namespace MtlsSidecar.Validation;

/// <summary>Reads a batch line by line, and of a line without an end no more than can be kept.</summary>
internal sealed class BatchLines(TextReader input)
{
    /// <summary>A CRL of a million entries takes 50 million characters in base64.</summary>
    public const int MaxLength = 256 * 1024 * 1024;

    private readonly char[] _buffer = new char[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>The longest line that is kept.</summary>
    public int Limit { get; init; } = MaxLength;

    /// <summary>Gives the next line; null at the end.</summary>
    public async ValueTask<BatchText?> ReadAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        var isTooLong = false;
        var any = false;
        while (_start < _end || await FillAsync(cancellationToken))
        {
            any = true;
            var rest = _buffer.AsSpan(_start, _end - _start);
            var end = rest.IndexOf('\n');
            var part = end < 0 ? rest : rest[..end];
            isTooLong |= part.Length > Limit - line.Length;
            if (!isTooLong)
            {
                line.Append(part);
            }
            else
            {
                line.Clear();
            }

            _start += part.Length + (end < 0 ? 0 : 1);
            if (end >= 0)
            {
                break;
            }
        }

        return any ? new BatchText(line.ToString(), isTooLong) : null;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        (_start, _end) = (0, await input.ReadAsync(_buffer, cancellationToken));
        return _end > 0;
    }
}
