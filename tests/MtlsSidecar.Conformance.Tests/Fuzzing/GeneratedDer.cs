using System.Formats.Asn1;
using FsCheck;
using FsCheck.Fluent;

namespace MtlsSidecar.Conformance.Tests.Fuzzing;

/// <summary>DER that is well formed and means anything: what a mutation of a good file seldom reaches.</summary>
internal static class GeneratedDer
{
    private static readonly string[] Oids = ["2.5.29.37.0", "2.5.29.32.0", "2.5.29.17", "1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.2", "2.5.4.3", "1.3.14.3.2.26", "1.2.3"];

    private static readonly string[] Texts = ["", "a.test", "*.a.test", "http://a.test/x", "ldap:///x", "a@b.test", "spiffe://a.test/b", "\0", "..", new string('a', 300)];

    /// <summary>One value, and values within values.</summary>
    public static Arbitrary<byte[]> Values { get; } = Gen.Sized(size => Value(Math.Min(size, 5))).ToArbitrary();

    private static Gen<byte[]> Value(int depth) => depth == 0 ? Primitive : Gen.OneOf(Primitive, Constructed(depth), Constructed(depth));

    private static Gen<byte[]> Primitive => Gen.OneOf(
        Gen.Elements(Oids).Select(oid => Written(writer => writer.WriteObjectIdentifier(oid))),
        Gen.Choose(-200, 70_000).Select(number => Written(writer => writer.WriteInteger(number))),
        ArbMap.Default.GeneratorFor<bool>().Select(value => Written(writer => writer.WriteBoolean(value))),
        ArbMap.Default.GeneratorFor<byte[]>().Select(octets => Written(writer => writer.WriteOctetString(octets ?? []))),
        ArbMap.Default.GeneratorFor<byte[]>().Select(octets => Written(writer => writer.WriteBitString(octets ?? []))),
        Gen.Choose(0, 8).SelectMany(tag => Gen.Elements(Texts).Select(text => Written(writer => writer.WriteCharacterString(UniversalTagNumber.IA5String, text, Context(tag))))),
        Gen.Choose(0, 8).SelectMany(tag => ArbMap.Default.GeneratorFor<byte[]>().Select(octets => Written(writer => writer.WriteOctetString(octets ?? [], Context(tag))))),
        Gen.Constant(Written(writer => writer.WriteNull())),
        Gen.Constant(Written(writer => writer.WriteGeneralizedTime(DateTimeOffset.UnixEpoch, omitFractionalSeconds: true))));

    private static Gen<byte[]> Constructed(int depth)
        => Gen.Choose(-2, 8).SelectMany(tag => Value(depth - 1).ListOf().Select(children => Written(writer =>
        {
            using (tag < 0 ? writer.PushSequence() : writer.PushSequence(Context(tag)))
            {
                foreach (var child in children)
                {
                    writer.WriteEncodedValue(child);
                }
            }
        })));

    private static Asn1Tag Context(int tag) => new(TagClass.ContextSpecific, tag);

    private static byte[] Written(Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        write(writer);
        return writer.Encode();
    }
}
