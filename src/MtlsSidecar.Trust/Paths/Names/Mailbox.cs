using System.Buffers;

namespace MtlsSidecar.Trust.Paths.Names;

/// <summary>A mailbox: its local part keeps the case of its letters, its host does not (RFC 5280 §7.5).</summary>
internal readonly ref struct Mailbox
{
    private static readonly SearchValues<char> ToBeQuoted = SearchValues.Create("@\"\\ <>(),:;[]");
    private readonly ReadOnlySpan<char> _localPart;

    private Mailbox(ReadOnlySpan<char> localPart, ReadOnlySpan<char> host)
    {
        _localPart = localPart;
        Host = host;
    }

    public ReadOnlySpan<char> Host { get; }

    /// <summary>Reads a mailbox. An asterisk in it is a character like others, never a wildcard.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Mailbox mailbox)
    {
        var at = text.LastIndexOf('@');
        mailbox = at < 0 ? default : new Mailbox(text[..at], text[(at + 1)..]);
        return at > 0 && HostName.IsWellFormed(mailbox.Host) && IsLocalPart(mailbox._localPart);
    }

    public bool Equals(Mailbox other)
        => _localPart.SequenceEqual(other._localPart) && Host.Equals(other.Host, StringComparison.OrdinalIgnoreCase);

    /// <summary>Either quoted as a whole or without the characters that would need it: <c>a@b@c</c> has two readings, so it has none.</summary>
    private static bool IsLocalPart(ReadOnlySpan<char> localPart)
        => localPart is ['"', _, .., '"'] || !localPart.ContainsAny(ToBeQuoted);
}
