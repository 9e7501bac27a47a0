using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Trust.Tests.Identity;

public sealed partial class SpiffeIdProperties
{
    // Pieces that meet the reader's decisions far more often than random characters would.
    private static readonly string[] Pieces =
    [
        "spiffe://", "spiffe:", "SPIFFE://", "https://", "/", "//", "foo.test", "Foo.test", "a", "Z", "0", "-", "_", ".", "..", "/.", "/..", ":", ":443", "@",
        "user@", "?", "?q=1", "#", "#f", "%", "%2f", "%61", " ", "\t", "\0", "ä", "é", "Ⅷ", "ı", "[::1]", "*", "/**", "sa/web", "ns/default",
    ];

    private static readonly Arbitrary<string> Texts = Gen.OneOf(
        Gen.Elements(Pieces).ListOf().Select(pieces => "spiffe://foo.test/" + string.Concat(pieces)),
        Gen.Elements(Pieces).ListOf().Select(pieces => "spiffe://" + string.Concat(pieces)),
        Gen.Elements(Pieces).ListOf().Select(string.Concat),
        ArbMap.Default.GeneratorFor<string>()).ToArbitrary();

    [Fact]
    public void AcceptedText_IsExactlyWhatTheStandardAllows() => Prop.ForAll(Texts, text =>
        SpiffeId.TryParse(text, out var id)
            ? Standard().IsMatch(text) && !text.Split('/').Skip(3).Any(segment => segment is "" or "." or "..") && id.ToString() == text
            : text is null || !Standard().IsMatch(text) || text.Split('/').Skip(3).Any(segment => segment is "" or "." or ".."))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void AnyText_IsAPatternOrNone() => Prop.ForAll(Texts, text =>
    {
        var isPattern = IdentityPattern.TryParse(text, out var pattern);
        return isPattern == (pattern is not null);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void PatternWithoutWildcards_MatchesItsOwnIdAlone() => Prop.ForAll(Texts, Texts, (first, second) =>
        !SpiffeId.TryParse(first, out var id) || !SpiffeId.TryParse(second, out var other) || !IdentityPattern.TryParse(first, out var pattern)
        || (pattern.Matches(Of(id)) && pattern.Matches(Of(other)) == (id == other)))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    private static PeerIdentity Of(SpiffeId id) => new(id, [], []);

    /// <summary>SPIFFE-ID §2.1 to §2.4, written down a second time.</summary>
    [GeneratedRegex(@"^spiffe://[a-z0-9._-]{1,255}(/[A-Za-z0-9._-]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Standard();
}
