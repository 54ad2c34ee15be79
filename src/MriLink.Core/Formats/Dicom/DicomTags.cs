using System.Globalization;
using MriLink.Core.Basics;

namespace MriLink.Core.Formats.Dicom;

/// <summary>The elements that are understood, by their numbers in DICOM PS3.6.</summary>
internal static class DicomTags
{
    public const uint TransferSyntax = 0x00020010;
    public const uint CharacterSet = 0x00080005;
    public const uint ImageType = 0x00080008;
    public const uint SopClass = 0x00080016;
    public const uint SopInstance = 0x00080018;
    public const uint StudyDate = 0x00080020;
    public const uint StudyTime = 0x00080030;
    public const uint Modality = 0x00080060;
    public const uint Manufacturer = 0x00080070;
    public const uint SeriesDescription = 0x0008103E;
    public const uint FrameType = 0x00089007;
    public const uint ComplexComponent = 0x00089208;
    public const uint PatientName = 0x00100010;
    public const uint PatientId = 0x00100020;
    public const uint PatientBirthDate = 0x00100030;
    public const uint EchoTime = 0x00180081;
    public const uint InversionTime = 0x00180082;
    public const uint EchoNumbers = 0x00180086;
    public const uint FlipAngle = 0x00181314;
    public const uint SliceThickness = 0x00180050;
    public const uint StudyInstance = 0x0020000D;
    public const uint SeriesInstance = 0x0020000E;
    public const uint SeriesNumber = 0x00200011;
    public const uint AcquisitionNumber = 0x00200012;
    public const uint InstanceNumber = 0x00200013;
    public const uint ImagePosition = 0x00200032;
    public const uint ImageOrientation = 0x00200037;
    public const uint FrameOfReference = 0x00200052;
    public const uint TemporalPosition = 0x00200100;
    public const uint ImagesInAcquisition = 0x00201002;
    public const uint FrameContent = 0x00209111;
    public const uint PlanePosition = 0x00209113;
    public const uint PlaneOrientation = 0x00209116;
    public const uint TemporalPositionIndex = 0x00209128;
    public const uint StackId = 0x00209056;
    public const uint DimensionIndexValues = 0x00209157;
    public const uint InversionTimes = 0x00189079;
    public const uint MrTiming = 0x00189112;
    public const uint MrModifier = 0x00189115;
    public const uint MrFrameType = 0x00189226;
    public const uint GeComponent = 0x0043102F;
    public const uint EffectiveEchoTime = 0x00189082;
    public const uint MrEcho = 0x00189114;
    public const uint SamplesPerPixel = 0x00280002;
    public const uint Photometric = 0x00280004;
    public const uint NumberOfFrames = 0x00280008;
    public const uint Rows = 0x00280010;
    public const uint Columns = 0x00280011;
    public const uint PixelSpacing = 0x00280030;
    public const uint BitsAllocated = 0x00280100;
    public const uint BitsStored = 0x00280101;
    public const uint HighBit = 0x00280102;
    public const uint PixelRepresentation = 0x00280103;
    public const uint RescaleIntercept = 0x00281052;
    public const uint RescaleSlope = 0x00281053;
    public const uint PixelMeasures = 0x00289110;
    public const uint PixelValueTransformation = 0x00289145;
    public const uint SharedGroups = 0x52009229;
    public const uint PerFrameGroups = 0x52009230;
    public const string Deflated = "1.2.840.10008.1.2.1.99";
    public const string BigEndian = "1.2.840.10008.1.2.2";

    public const string RunLength = "1.2.840.10008.1.2.5";

    // GE's own: elements implicit and little-endian, pixels big-endian.
    public const string GeBigEndian = "1.2.840.113619.5.2";

    public const uint FloatPixels = 0x7FE00008;
    public const uint DoublePixels = 0x7FE00009;
    public const uint Pixels = 0x7FE00010;
    public const uint Item = 0xFFFEE000;
    public const uint ItemEnd = 0xFFFEE00D;
    public const uint SequenceEnd = 0xFFFEE0DD;

    // Name and type of each element that is common in MR or that may identify a person.
    private static readonly Dictionary<uint, (string Name, string Type)> Known = Parse("""
        00020001 FileMetaInformationVersion OB|00020002 MediaStorageSOPClassUID UI|00020003 MediaStorageSOPInstanceUID UI
        00020010 TransferSyntaxUID UI|00020012 ImplementationClassUID UI|00020013 ImplementationVersionName SH
        00020016 SourceApplicationEntityTitle AE
        00080005 SpecificCharacterSet CS|00080008 ImageType CS|00080012 InstanceCreationDate DA|00080013 InstanceCreationTime TM
        00080014 InstanceCreatorUID UI|00080016 SOPClassUID UI|00080018 SOPInstanceUID UI|00080020 StudyDate DA|00080021 SeriesDate DA
        00080022 AcquisitionDate DA|00080023 ContentDate DA|0008002A AcquisitionDateTime DT|00080030 StudyTime TM|00080031 SeriesTime TM
        00080032 AcquisitionTime TM|00080033 ContentTime TM|00080050 AccessionNumber SH|00080060 Modality CS|00080064 ConversionType CS
        00080070 Manufacturer LO|00080080 InstitutionName LO|00080081 InstitutionAddress ST|00080090 ReferringPhysicianName PN
        00080092 ReferringPhysicianAddress ST|00080094 ReferringPhysicianTelephoneNumbers SH|00080100 CodeValue SH|00080102 CodingSchemeDesignator SH
        00080104 CodeMeaning LO|00080201 TimezoneOffsetFromUTC SH|00081010 StationName SH|00081030 StudyDescription LO|0008103E SeriesDescription LO
        00081040 InstitutionalDepartmentName LO|00081048 PhysiciansOfRecord PN|00081050 PerformingPhysicianName PN
        00081060 NameOfPhysiciansReadingStudy PN
        00081070 OperatorsName PN|00081080 AdmittingDiagnosesDescription LO|00081090 ManufacturerModelName LO|00081110 ReferencedStudySequence SQ
        00081111 ReferencedPerformedProcedureStepSequence SQ|00081140 ReferencedImageSequence SQ|00081150 ReferencedSOPClassUID UI
        00081155 ReferencedSOPInstanceUID UI|00082111 DerivationDescription ST|00082112 SourceImageSequence SQ|00100010 PatientName PN
        00100020 PatientID LO|00100021 IssuerOfPatientID LO|00100030 PatientBirthDate DA|00100032 PatientBirthTime TM|00100040 PatientSex CS
        00101000 OtherPatientIDs LO|00101001 OtherPatientNames PN|00101005 PatientBirthName PN|00101010 PatientAge AS|00101020 PatientSize DS
        00101030 PatientWeight DS|00101040 PatientAddress LO|00101060 PatientMotherBirthName PN|00101090 MedicalRecordLocator LO
        00102000 MedicalAlerts LO|00102110 Allergies LO|00102150 CountryOfResidence LO|00102152 RegionOfResidence LO
        00102154 PatientTelephoneNumbers SH|00102160 EthnicGroup SH|00102180 Occupation SH|001021B0 AdditionalPatientHistory LT
        001021C0 PregnancyStatus US|00104000 PatientComments LT|00120062 PatientIdentityRemoved CS|00120063 DeidentificationMethod LO
        00180015 BodyPartExamined CS|00180020 ScanningSequence CS|00180021 SequenceVariant CS|00180022 ScanOptions CS|00180023 MRAcquisitionType CS
        00180024 SequenceName SH|00180050 SliceThickness DS|00180080 RepetitionTime DS|00180081 EchoTime DS|00180082 InversionTime DS
        00180083 NumberOfAverages DS|00180084 ImagingFrequency DS|00180085 ImagedNucleus SH|00180086 EchoNumbers IS|00180087 MagneticFieldStrength DS
        00180088 SpacingBetweenSlices DS|00180089 NumberOfPhaseEncodingSteps IS|00180091 EchoTrainLength IS|00180095 PixelBandwidth DS
        00181000 DeviceSerialNumber LO|00181020 SoftwareVersions LO|00181030 ProtocolName LO|00181250 ReceiveCoilName SH|00181310 AcquisitionMatrix US
        00181312 InPlanePhaseEncodingDirection CS|00181314 FlipAngle DS|00181400 AcquisitionDeviceProcessingDescription LO|00185100 PatientPosition CS
        00089007 FrameType CS|00089208 ComplexImageComponent CS|00189079 InversionTimes FD|00189112 MRTimingAndRelatedParametersSequence SQ
        00189115 MRModifierSequence SQ|00189226 MRImageFrameTypeSequence SQ|0043102F (0043,102F) SS
        00189082 EffectiveEchoTime FD|00189114 MREchoSequence SQ|0020000D StudyInstanceUID UI|0020000E SeriesInstanceUID UI|00200010 StudyID SH
        00200011 SeriesNumber IS|00200012 AcquisitionNumber IS|00200013 InstanceNumber IS|00200032 ImagePositionPatient DS
        00200037 ImageOrientationPatient DS|00200052 FrameOfReferenceUID UI|00200060 Laterality CS|00200100 TemporalPositionIdentifier IS
        00201002 ImagesInAcquisition IS|00201040 PositionReferenceIndicator LO|00201041 SliceLocation DS|00204000 ImageComments LT
        00209056 StackID SH|00209057 InStackPositionNumber UL|00209111 FrameContentSequence SQ|00209113 PlanePositionSequence SQ
        00209116 PlaneOrientationSequence SQ|00209128 TemporalPositionIndex UL|00209157 DimensionIndexValues UL|00280002 SamplesPerPixel US
        00280004 PhotometricInterpretation CS|00280006 PlanarConfiguration US|00280008 NumberOfFrames IS|00280010 Rows US|00280011 Columns US
        00280030 PixelSpacing DS|00280100 BitsAllocated US|00280101 BitsStored US|00280102 HighBit US|00280103 PixelRepresentation US
        00280106 SmallestImagePixelValue US|00280107 LargestImagePixelValue US|00280301 BurnedInAnnotation CS|00281050 WindowCenter DS
        00281051 WindowWidth DS|00281052 RescaleIntercept DS|00281053 RescaleSlope DS|00281054 RescaleType LO|00289110 PixelMeasuresSequence SQ
        00289145 PixelValueTransformationSequence SQ|00321032 RequestingPhysician PN|00321060 RequestedProcedureDescription LO
        00380010 AdmissionID LO|00380300 CurrentPatientLocation LO|00384000 VisitComments LT|00400244 PerformedProcedureStepStartDate DA
        00400245 PerformedProcedureStepStartTime TM|00400253 PerformedProcedureStepID SH|00400254 PerformedProcedureStepDescription LO
        00400275 RequestAttributesSequence SQ|00401001 RequestedProcedureID SH|0040A124 UID UI|52009229 SharedFunctionalGroupsSequence SQ
        52009230 PerFrameFunctionalGroupsSequence SQ|7FE00008 FloatPixelData OF|7FE00009 DoubleFloatPixelData OD|7FE00010 PixelData OW
        """);

    // Texts of the scanner and the protocol that name nobody. Every other text may.
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "ImplementationVersionName", "Manufacturer", "ManufacturerModelName", "SoftwareVersions", "SequenceName", "ImagedNucleus", "ReceiveCoilName",
        "RescaleType", "StackID", "CodeValue", "CodingSchemeDesignator", "CodeMeaning", "PositionReferenceIndicator", "DeidentificationMethod",
    };

    // Classes of stored objects that are images (PS3.4, B.5): MR, enhanced MR, CT, secondary capture, PET and so on; without spectra and raw data.
    private const string ImageClasses = "1.2.840.10008.5.1.4.1.1.";

    private static readonly string[] KnownTypes =
    [
        "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "OB", "OD", "OF", "OL", "OV", "OW", "PN", "SH", "SL", "SQ", "SS",
        "ST", "SV", "TM",
        "UC", "UI", "UL", "UN", "UR", "US", "UT", "UV",
    ];

    /// <summary>Whether an element holds the pixels.</summary>
    public static bool IsPixels(uint tag) => tag is Pixels or FloatPixels or DoublePixels;

    /// <summary>Whether a class of stored objects holds an image.</summary>
    public static bool IsImageClass(string sopClass) => sopClass.StartsWith(ImageClasses, StringComparison.Ordinal)
        && sopClass[ImageClasses.Length..].Split('.')[0] is "1" or "2" or "4" or "6" or "7" or "12" or "20" or "128" or "130"
            && !sopClass.EndsWith(".4.2", StringComparison.Ordinal);

    /// <summary>Whether two bytes are the letters of a type.</summary>
    public static bool IsType(byte first, byte second) => Array.Exists(KnownTypes, type => type[0] == first && type[1] == second);

    /// <summary>The type of an element where the file does not say; "UN" when it is not known here either.</summary>
    public static string TypeOf(uint tag) => Known.TryGetValue(tag, out var known) ? known.Type : "UN";

    /// <summary>The two letters of a type as one string for all of its kind; what is none counts as unknown.</summary>
    public static string Type(char first, char second) => Array.Find(KnownTypes, type => type[0] == first && type[1] == second) ?? "UN";

    /// <summary>The name of an element, or its number where it is not known.</summary>
    public static string NameOf(uint tag) => Known.TryGetValue(tag, out var known) ? known.Name : Write(tag);

    /// <summary>The number of an element as it is commonly written.</summary>
    public static string Write(uint tag) => string.Create(CultureInfo.InvariantCulture, $"({tag >> 16:X4},{tag & 0xffff:X4})");

    /// <summary>
    /// Whether an element may identify a person: all about the patient, names, dates, times, ages, UIDs of things (not of classes),
    /// private elements, and texts but those of the scanner. After DICOM PS3.15, annex E, erring to the safe side.
    /// </summary>
    public static bool MayIdentify(DicomElement element)
    {
        var group = element.Tag >> 16;
        return element.Length > 0 && element.Type is not "SQ" && (group == 0x0010 || group % 2 == 1 || element.Type switch
        {
            "PN" or "DA" or "DT" or "TM" or "AS" => true,
            "UI" => element.Tag is not 0x00020012 && !element.Text(isUtf8: false).StartsWith("1.2.840.10008.", StringComparison.Ordinal),
            "AE" or "LO" or "SH" or "ST" or "LT" or "UT" or "UC" or "UR" => !Harmless.Contains(NameOf(element.Tag)),
            "UN" => true,
            _ => false,
        });
    }

    /// <summary>Whether a transfer syntax has no types.</summary>
    public static bool IsImplicit(string? syntax) => syntax is "1.2.840.10008.1.2" or GeBigEndian;

    /// <summary>Whether frames are compressed in a way that can be read: RLE or lossless JPEG.</summary>
    public static bool IsCompressed(string? syntax) => syntax is RunLength or "1.2.840.10008.1.2.4.57" or "1.2.840.10008.1.2.4.70";

    /// <summary>What pixels are encoded in that cannot be read; null where they can.</summary>
    public static string? UnreadableSyntax(string? syntax) => syntax switch
    {
        null or "1.2.840.10008.1.2" or "1.2.840.10008.1.2.1" or BigEndian or Deflated or GeBigEndian => null,
        _ when IsCompressed(syntax) => null,
        "1.2.840.10008.1.2.4.50" or "1.2.840.10008.1.2.4.51" => "lossy JPEG",
        "1.2.840.10008.1.2.4.80" or "1.2.840.10008.1.2.4.81" => "JPEG-LS",
        "1.2.840.10008.1.2.4.90" or "1.2.840.10008.1.2.4.91" => "JPEG 2000",
        _ => $"transfer syntax '{SafeText.ForTerminal(syntax, 64)}'",
    };

    private static Dictionary<uint, (string Name, string Type)> Parse(string table) => table
        .Split(['|', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => line.Split(' '))
        .ToDictionary(parts => uint.Parse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), parts => (parts[1], parts[2]));
}
