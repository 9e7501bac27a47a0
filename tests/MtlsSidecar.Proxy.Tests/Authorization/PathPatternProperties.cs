using FsCheck;
using FsCheck.Fluent;
using MtlsSidecar.Proxy.Authorization;

namespace MtlsSidecar.Proxy.Tests.Authorization;

public sealed class PathPatternProperties
{
    private static readonly Gen<string> Segments = Gen.Elements("a", "b", "Admin", "a;v", ";", "", "é", "\0", "a\0b", "K", "x y");

    private static readonly Gen<string> Paths = Segments.NonEmptyListOf().Select(segments => "/" + string.Join('/', segments));

    private static readonly Gen<string> Patterns = Gen.OneOf(Segments.Where(segment => !segment.Contains('\0')), Gen.Constant("*"))
        .NonEmptyListOf().Select(segments => "/" + string.Join('/', segments));

    [Fact]
    public void WhateverAllowMatches_DenyMatches() => ForAll((pattern, path) => !pattern.Matches(path) || Denies(pattern, path));

    [Fact]
    public void Deny_SeesThroughCase() => ForAllDenied((pattern, path) =>
        Denies(pattern, path.ToUpperInvariant()) && Denies(pattern, path.ToLowerInvariant()));

    [Fact]
    public void Deny_SeesThroughRepeatedSlashes() => ForAllDenied((pattern, path) => Denies(pattern, path.Replace("/", "//")));

    [Fact]
    public void Deny_SeesThroughParameters() => ForAllDenied((pattern, path) => Denies(pattern, path.Replace("/", ";p=1/").Insert(0, "/") + ";q"));

    [Fact]
    public void Deny_SeesThroughASlashAtTheEnd() => ForAllDenied((pattern, path) => Denies(pattern, path + "/"));

    [Fact]
    public void Deny_SeesThroughAnyCombination() => ForAllDenied((pattern, path) =>
        Denies(pattern, "/;x" + path.ToUpperInvariant().Replace("/", ";p//") + ";q//"));

    [Fact]
    public void ReadingsOfAPath_BeginWithASlash() => Prop.ForAll(Paths.ToArbitrary(), path =>
        PathReadings.Of(path) is { Length: > 0 and <= 8 } readings && readings.All(reading => reading[0] == '/')).Check(Config.QuickThrowOnFailure);

    private static bool Denies(PathPattern pattern, string path) => pattern.MatchesAnyReading(PathReadings.Of(path));

    private static void ForAll(Func<PathPattern, string, bool> holds)
        => Prop.ForAll(Patterns.ToArbitrary(), Paths.ToArbitrary(), (pattern, path) => holds(new PathPattern(pattern), path))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    /// <summary>For a pattern made out of the path: some of its names wildcards, its end perhaps cut off.</summary>
    private static void ForAllDenied(Func<PathPattern, string, bool> holds)
    {
        var pairs =
            from path in Paths
            from wildcards in Gen.Choose(0, 15)
            from isPrefix in Gen.Elements(true, false)
            select (Pattern: ToPattern(path, wildcards, isPrefix), Path: path);
        Prop.ForAll(pairs.ToArbitrary(), pair =>
        {
            var pattern = new PathPattern(pair.Pattern);
            return !Denies(pattern, pair.Path) || holds(pattern, pair.Path);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    private static string ToPattern(string path, int wildcards, bool isPrefix)
    {
        var segments = path[1..].Split('/').Select((segment, i) => (wildcards >> i & 1) == 1 && segment.Split(';')[0].Length > 0 ? "*" : segment).ToList();
        return isPrefix ? "/" + string.Join('/', segments.SkipLast(1).Append("*")) : "/" + string.Join('/', segments);
    }
}
